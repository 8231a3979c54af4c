package org.pillion.scoring.spark;

import java.util.BitSet;
import java.util.List;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Division;
import org.pillion.scoring.spark.plan.Program;
import org.pillion.scoring.spark.plan.Slot;

/** A program and the inputs that it needs. */
final class Route {
  private final Program program;
  private final List<InputReader> inputs;

  /** The last division of the program, shared by all threads. */
  private volatile Divided last;

  Route(Program program, List<InputReader> inputs) {
    this.program = program;
    this.inputs = inputs.stream().filter(in -> program.needs(in.slot())).toList();
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
   * @param shared the inputs that are of the context
   * @return null where the context itself fails: every row then fails, each with the error of the
   *     first of its stages that refuses it
   */
  Frame run(CandidateBatch batch, BitSet shared) {
    Division division = division(shared);
    Frame context = division.context(batch);
    inputs.stream().filter(in -> in.within(shared)).forEach(in -> in.read(context));
    division.runOnce(context);
    if (context.anyFailed()) {
      return null;
    }
    if (context.isDeclined()) {
      return context;
    }
    Frame candidates = context.candidates();
    inputs.stream().filter(in -> !in.within(shared)).forEach(in -> in.read(candidates));
    division.runEach(candidates);
    return candidates;
  }

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
