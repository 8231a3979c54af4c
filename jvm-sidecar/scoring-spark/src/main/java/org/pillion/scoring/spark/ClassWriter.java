package org.pillion.scoring.spark;

import org.pillion.pmml.Element;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.Slot;

/**
 * The class at the index that a column predicts; or, where the column has the probability of the
 * second of two classes, the more probable one.
 */
final class ClassWriter implements OutputWriter {
  private final Slot slot;

  /** The classes, and a missing value at the end. */
  private final Column classes;

  /** The probability above which the second class is taken; NaN for a column of positions. */
  private final double above;

  private ClassWriter(Slot slot, Column classes, double above) {
    this.slot = slot;
    this.classes = classes;
    this.above = above;
  }

  static ClassWriter of(Slot slot, OutputField field, Element element) {
    String[] names = element.strings();
    double above = element.has("above") ? element.number("above") : Double.NaN;
    if (!Double.isNaN(above) && names.length != 2) {
      throw new InvalidModel("the plan's output '" + field.name() + "' has other classes than two");
    }
    ColumnBuilder classes = new ColumnBuilder(field.name(), field.type(), names.length + 1);
    try {
      for (String name : names) {
        switch (field.type()) {
          case STRING -> classes.add(name);
          case DOUBLE -> classes.add(Double.parseDouble(name));
          case FLOAT -> classes.add(Float.parseFloat(name));
          case INTEGER -> classes.add((long) Double.parseDouble(name));
          case BOOLEAN -> classes.add(name.equals("true") || Double.parseDouble(name) != 0);
        }
      }
    } catch (NumberFormatException e) {
      throw new InvalidModel(
          "the plan's output '" + field.name() + "' has a class that is not a number", e);
    }
    classes.addMissing();
    return new ClassWriter(slot, classes.build(), above);
  }

  @Override
  public Slot slot() {
    return slot;
  }

  @Override
  public Column write(Frame frame) {
    Values values = frame.get(slot.id());
    boolean[] missing = OutputMask.of(frame, values);
    int count = classes.rows() - 1;
    int[] positions = new int[missing.length];
    double[] labels = NumberWriter.numbers(values);
    boolean mean = !Double.isNaN(above);
    for (int row = 0; row < positions.length; row++) {
      double label = mean ? labels[row] > above ? 1.0 : 0.0 : labels[row];
      positions[row] = !missing[row] && label >= 0 && label < count ? (int) label : count;
    }
    return classes.take(positions);
  }
}
