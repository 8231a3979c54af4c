package org.pillion.scoring.spark;

import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Division;
import org.pillion.scoring.spark.plan.ItemDivision;
import org.pillion.scoring.spark.plan.Program;
import org.pillion.scoring.spark.plan.Slot;

/** A program and the inputs that it needs. */
final class Route {
  private static final Consumer<Frame> NONE = frame -> {};

  private final Program program;
  private final List<InputReader> inputs;

  /** The last division of the program, shared by all threads. */
  private volatile Divided last;

  Route(Program program, List<InputReader> inputs) {
    this.program = program;
    this.inputs = inputs.stream().filter(in -> program.needs(in.slot())).toList();
  }

  /** The inputs that the values of a slot are made of, as positions in the contract. */
  int[] roots(int slot) {
    return program.roots(slot);
  }

  /** Computes full rows. */
  Frame run(CandidateBatch batch) {
    Frame frame = program.frame(batch);
    for (InputReader input : inputs) {
      input.read(frame);
    }
    program.run(frame);
    return frame;
  }

  /**
   * Computes candidates, and what depends on their context alone once.
   *
   * @return null where the context itself fails: every row then fails, each with the error of the
   *     first of its stages that refuses it
   */
  Frame runOnce(CandidateBatch batch) {
    Frame context = context(batch);
    return context == null || context.isDeclined() ? context : candidates(context, batch, NONE);
  }

  /**
   * Computes what depends on the context of a batch alone.
   *
   * @return one row; null where the context itself fails
   */
  Frame context(CandidateBatch batch) {
    BitSet shared = batch.context();
    Division division = division(shared);
    Frame context = division.context(batch);
    inputs.stream().filter(in -> in.within(shared)).forEach(in -> in.read(context));
    division.runOnce(context);
    return context.anyFailed() ? null : context;
  }

  /**
   * Computes the rest.
   *
   * @param context what was computed of the context
   * @param batch the candidates, or some of them
   * @param known fills slots that the program does not
   */
  Frame candidates(Frame context, CandidateBatch batch, Consumer<Frame> known) {
    BitSet shared = batch.context();
    Frame candidates = context.candidates(batch);
    known.accept(candidates);
    inputs.stream().filter(in -> !in.within(shared)).forEach(in -> in.read(candidates));
    division(shared).runEach(candidates);
    return candidates;
  }

  /**
   * Divides the program for resident items.
   *
   * @param given positions of the inputs that they give
   * @param dropped slots that are not to be computed of items before they are asked for
   */
  Items divideItems(BitSet given, BitSet dropped) {
    List<InputReader> first =
        inputs.stream().filter(in -> in.within(given) && !dropped.get(in.slot().id())).toList();
    ItemDivision division =
        program.divideItems(first.stream().map(InputReader::slot).toList(), dropped);
    List<InputReader> others = inputs.stream().filter(in -> !first.contains(in)).toList();
    return new Items(
        new Route(division.items(), first), new Route(division.rest(), others), division.kept());
  }

  /**
   * A route in two parts.
   *
   * @param items what sees resident items alone
   * @param rest what is left
   * @param kept the slots of the first part that the second one, or an output, is made of
   */
  record Items(Route items, Route rest, BitSet kept) {}

  /** Requests for a model mostly have the same inputs in their contexts. */
  private Division division(BitSet shared) {
    Divided known = last;
    if (known == null || !known.shared.equals(shared)) {
      List<Slot> slots =
          inputs.stream().filter(in -> in.within(shared)).map(InputReader::slot).toList();
      known = new Divided(shared, program.divide(slots));
      last = known;
    }
    return known.division;
  }

  private record Divided(BitSet shared, Division division) {}
}
