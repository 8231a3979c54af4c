package org.pillion.scoring.compiled.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.compiled.spark.column.Frame;
import org.pillion.scoring.compiled.spark.column.Vectors;
import org.pillion.scoring.compiled.spark.plan.Slot;

/**
 * One element of a vector.
 *
 * @param index which element
 */
record ElementWriter(Slot slot, int index) implements OutputWriter {
  @Override
  public Column write(Frame frame) {
    Vectors vectors = frame.vectors(slot.id());
    boolean[] missing = OutputMask.of(frame, vectors);
    double[] out = new double[frame.rows()];
    for (int row = 0; row < out.length; row++) {
      if (!missing[row]) {
        out[row] = vectors.element(row, index);
      }
    }
    return new Column.Doubles(out, missing);
  }
}
