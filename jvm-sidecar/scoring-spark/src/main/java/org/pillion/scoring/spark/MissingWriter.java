package org.pillion.scoring.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Slot;

/**
 * An output without a value: the target of a model in a chain that is not the last one.
 *
 * @param type its type
 */
record MissingWriter(FieldType type) implements OutputWriter {
  @Override
  public Slot slot() {
    return null;
  }

  @Override
  public Column write(Frame frame) {
    ColumnBuilder out = new ColumnBuilder(type, frame.rows());
    for (int row = 0; row < frame.rows(); row++) {
      out.addBoxed(null);
    }
    return out.build();
  }
}
