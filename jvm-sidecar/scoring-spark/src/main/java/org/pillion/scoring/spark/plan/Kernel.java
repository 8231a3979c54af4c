package org.pillion.scoring.spark.plan;

import org.pillion.scoring.spark.column.Frame;

/** Computes columns of a frame from others. Holds no state of a batch, so any thread may run it. */
@FunctionalInterface
public interface Kernel {
  /** Fills the kernel's slots; rows that have failed may get any value. */
  void run(Frame frame);
}
