package org.pillion.scoring.spark.plan;

import java.util.BitSet;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.spark.column.Frame;

/**
 * A program in two parts.
 *
 * @param once kernels that see the context alone, and so run for one row
 * @param each kernels that run for every candidate
 * @param roots per slot, the inputs that its values are made of
 * @param live the slots that are needed
 */
public record Division(Kernel[] once, Kernel[] each, int[][] roots, BitSet live) {
  /** A frame for a batch's context: one row, without columns. */
  public Frame context(CandidateBatch batch) {
    return Frame.ofContext(batch, roots, live);
  }

  /** Runs the kernels for the context, up to one that declines. */
  public void runOnce(Frame context) {
    run(once, context);
  }

  /** Runs the kernels for the candidates, up to one that declines. */
  public void runEach(Frame candidates) {
    run(each, candidates);
  }

  private static void run(Kernel[] kernels, Frame frame) {
    for (Kernel kernel : kernels) {
      kernel.run(frame);
      if (frame.isDeclined()) {
        return;
      }
    }
  }
}
