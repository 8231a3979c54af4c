package org.pillion.scoring.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Slot;

/**
 * One element of a vector.
 *
 * @param index which element
 */
record ElementWriter(Slot slot, int index) implements OutputWriter {
  @Override
  public Column write(Frame frame) {
    return new ElementsWriter(slot, new int[] {index}).write(frame).get(0);
  }
}
