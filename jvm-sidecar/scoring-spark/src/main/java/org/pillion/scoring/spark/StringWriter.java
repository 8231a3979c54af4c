package org.pillion.scoring.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.plan.Slot;

/** A text. */
record StringWriter(Slot slot) implements OutputWriter {
  @Override
  public Column write(Frame frame) {
    StringColumn texts = (StringColumn) frame.get(slot.id());
    boolean[] missing = OutputMask.of(frame, texts);
    String[] out = new String[frame.rows()];
    for (int row = 0; row < out.length; row++) {
      out[row] = missing[row] ? null : texts.text(row);
    }
    return new Column.Strings(out, missing);
  }
}
