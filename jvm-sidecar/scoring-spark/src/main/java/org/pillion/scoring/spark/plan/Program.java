package org.pillion.scoring.spark.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.spark.column.Frame;

/** What a plan compiles to: kernels in the order in which they run. */
public final class Program {
  /**
   * A kernel and the slots that it reads and fills.
   *
   * @param reads all of them; a kernel computes a row of what it writes from that row of these
   */
  record Step(List<Slot> reads, List<Slot> writes, Kernel kernel) {}

  private final List<Step> steps;
  private final int[][] roots;
  private final BitSet live;
  private final BitSet outputs;

  /**
   * A program.
   *
   * @param roots per slot, the inputs that its values are made of
   * @param live the slots that are needed
   * @param outputs those that are wanted of it
   */
  Program(List<Step> steps, int[][] roots, BitSet live, BitSet outputs) {
    this.steps = List.copyOf(steps);
    this.roots = roots;
    this.live = live;
    this.outputs = outputs;
  }

  /** Whether a slot is needed. */
  public boolean needs(Slot slot) {
    return live.get(slot.id());
  }

  /** The inputs that the values of a slot are made of, as positions in the contract. */
  public int[] roots(int slot) {
    return roots[slot];
  }

  /** A frame for a batch of full rows, without columns. */
  public Frame frame(CandidateBatch batch) {
    return new Frame(batch, roots, live);
  }

  /** Runs all kernels, up to one that declines. */
  public void run(Frame frame) {
    for (Step step : steps) {
      step.kernel.run(frame);
      if (frame.isDeclined()) {
        return;
      }
    }
  }

  /**
   * This program in two parts: kernels that see the context alone, and the others.
   *
   * @param context the slots that hold inputs of the context
   */
  public Division divide(List<Slot> context) {
    BitSet shared = new BitSet();
    context.forEach(slot -> shared.set(slot.id()));
    List<Kernel> once = new ArrayList<>();
    List<Kernel> each = new ArrayList<>();
    for (Step step : steps) {
      if (step.reads.stream().allMatch(slot -> shared.get(slot.id()))) {
        once.add(step.kernel);
        step.writes.forEach(slot -> shared.set(slot.id()));
      } else {
        each.add(step.kernel);
      }
    }
    return new Division(once.toArray(new Kernel[0]), each.toArray(new Kernel[0]), roots, live);
  }

  /**
   * This program in a part that sees resident items alone, and the rest.
   *
   * @param inputs the slots that hold inputs which items give
   * @param dropped slots that are not to be computed of items before they are asked for
   */
  public ItemDivision divideItems(List<Slot> inputs, BitSet dropped) {
    BitSet known = new BitSet();
    inputs.forEach(slot -> known.set(slot.id()));
    known.andNot(dropped);
    List<Step> first = new ArrayList<>();
    List<Step> rest = new ArrayList<>();
    BitSet kept = (BitSet) outputs.clone();
    for (Step step : steps) {
      boolean ofItems =
          !step.reads.isEmpty()
              && step.reads.stream().allMatch(slot -> known.get(slot.id()))
              && step.writes.stream().noneMatch(slot -> dropped.get(slot.id()));
      if (ofItems) {
        first.add(step);
        step.writes.forEach(slot -> known.set(slot.id()));
      } else {
        rest.add(step);
        step.reads.forEach(slot -> kept.set(slot.id()));
      }
    }
    kept.and(known);
    return new ItemDivision(
        new Program(first, roots, live, kept), new Program(rest, roots, live, outputs), kept);
  }
}
