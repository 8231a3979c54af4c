package org.pillion.scoring.spark;

import java.util.BitSet;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Slot;

/** Takes an input of a plan over from a batch. */
interface InputReader {
  /** Where it goes. */
  Slot slot();

  /** Whether it is made of fields at these positions of the contract alone. */
  boolean within(BitSet positions);

  /** Fills the slot. */
  void read(Frame frame);
}
