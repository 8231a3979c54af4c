package org.pillion.scoring.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Slot;

/** A truth value. */
record BooleanWriter(Slot slot) implements OutputWriter {
  @Override
  public Column write(Frame frame) {
    BooleanColumn flags = (BooleanColumn) frame.get(slot.id());
    return new Column.Booleans(flags.values(), OutputMask.of(frame, flags));
  }
}
