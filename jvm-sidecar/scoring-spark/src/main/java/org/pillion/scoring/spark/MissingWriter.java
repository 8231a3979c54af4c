package org.pillion.scoring.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Slot;

/** An output without a value: the target of a model in a chain that is not the last one. */
record MissingWriter(OutputField field) implements OutputWriter {
  @Override
  public Slot slot() {
    return null;
  }

  @Override
  public Column write(Frame frame) {
    ColumnBuilder out = new ColumnBuilder(field.name(), field.type(), frame.rows());
    for (int row = 0; row < frame.rows(); row++) {
      out.addMissing();
    }
    return out.build();
  }
}
