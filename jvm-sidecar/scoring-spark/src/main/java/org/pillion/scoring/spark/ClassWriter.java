package org.pillion.scoring.spark;

import org.pillion.pmml.Element;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.Slot;

/**
 * The class at the index that a column predicts; or, where the column has the probability of the
 * second of two classes, the more probable one.
 */
final class ClassWriter implements OutputWriter {
  private final Slot slot;
  private final OutputField field;
  private final Object[] classes;

  /** The probability above which the second class is taken; NaN for a column of positions. */
  private final double above;

  private ClassWriter(Slot slot, OutputField field, Object[] classes, double above) {
    this.slot = slot;
    this.field = field;
    this.classes = classes;
    this.above = above;
  }

  static ClassWriter of(Slot slot, OutputField field, Element element) {
    String[] names = element.strings();
    double above = element.has("above") ? element.number("above") : Double.NaN;
    if (!Double.isNaN(above) && names.length != 2) {
      throw new InvalidModel("the plan's output '" + field.name() + "' has other classes than two");
    }
    Object[] classes = new Object[names.length];
    try {
      for (int i = 0; i < classes.length; i++) {
        classes[i] =
            switch (field.type()) {
              case STRING -> names[i];
              case DOUBLE -> Double.valueOf(names[i]);
              case FLOAT -> Float.valueOf(names[i]);
              case INTEGER -> (long) Double.parseDouble(names[i]);
              case BOOLEAN -> names[i].equals("true") || Double.parseDouble(names[i]) != 0;
            };
      }
    } catch (NumberFormatException e) {
      throw new InvalidModel(
          "the plan's output '" + field.name() + "' has a class that is not a number", e);
    }
    return new ClassWriter(slot, field, classes, above);
  }

  @Override
  public Slot slot() {
    return slot;
  }

  @Override
  public Column write(Frame frame) {
    Values values = frame.get(slot.id());
    boolean[] missing = OutputMask.of(frame, values);
    ColumnBuilder out = new ColumnBuilder(field.name(), field.type(), frame.rows());
    for (int row = 0; row < missing.length; row++) {
      double label =
          values instanceof LongColumn w ? w.values()[row] : ((DoubleColumn) values).values()[row];
      if (!Double.isNaN(above)) {
        label = label > above ? 1.0 : 0.0;
      }
      boolean known = !missing[row] && label >= 0 && label < classes.length;
      out.addBoxed(known ? classes[(int) label] : null);
    }
    return out.build();
  }
}
