package org.pillion.scoring.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Slot;

/** The probability of the first of two classes, where a column has that of the second. */
record ComplementWriter(Slot slot) implements OutputWriter {
  @Override
  public Column write(Frame frame) {
    DoubleColumn numbers = frame.doubles(slot.id());
    boolean[] missing = OutputMask.of(frame, numbers);
    double[] out = new double[frame.rows()];
    for (int row = 0; row < out.length; row++) {
      out[row] = 1.0 - numbers.values()[row];
    }
    return new Column.Doubles(out, missing);
  }
}
