package org.pillion.scoring.compiled.spark.plan;

import java.util.BitSet;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.compiled.spark.column.Frame;

/**
 * What a plan compiles to.
 *
 * @param kernels in the order in which they run
 * @param roots per slot, the inputs that its values are made of
 * @param live the slots that are needed
 */
public record Program(Kernel[] kernels, int[][] roots, BitSet live) {
  /** A frame for a batch, without columns. */
  public Frame frame(ColumnBatch batch) {
    return new Frame(batch, roots);
  }

  /** Runs all kernels. */
  public void run(Frame frame) {
    for (Kernel kernel : kernels) {
      kernel.run(frame);
    }
  }
}
