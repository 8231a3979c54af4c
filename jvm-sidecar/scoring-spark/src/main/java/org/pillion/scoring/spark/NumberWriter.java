package org.pillion.scoring.spark;

import org.pillion.scoring.Column;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.Slot;

/**
 * A number.
 *
 * @param type type of the output
 */
record NumberWriter(Slot slot, FieldType type) implements OutputWriter {
  @Override
  public boolean mayFail() {
    return type == FieldType.INTEGER && slot.type().isFloating();
  }

  @Override
  public Column write(Frame frame) {
    Values values = frame.get(slot.id());
    boolean[] missing = OutputMask.of(frame, values);
    return switch (type) {
      case INTEGER -> new Column.Longs(wholes(frame, values, missing), missing);
      case FLOAT -> new Column.Floats(floats(numbers(values)), missing);
      default -> new Column.Doubles(numbers(values), missing);
    };
  }

  /** Numbers of a column of either kind as doubles. */
  static double[] numbers(Values values) {
    if (values instanceof DoubleColumn numbers) {
      return numbers.values();
    }
    long[] wholes = ((LongColumn) values).values();
    double[] out = new double[wholes.length];
    for (int row = 0; row < out.length; row++) {
      out[row] = wholes[row];
    }
    return out;
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int row = 0; row < out.length; row++) {
      out[row] = (float) values[row];
    }
    return out;
  }

  private long[] wholes(Frame frame, Values values, boolean[] missing) {
    if (values instanceof LongColumn wholes) {
      return wholes.values();
    }
    double[] numbers = ((DoubleColumn) values).values();
    long[] out = new long[numbers.length];
    for (int row = 0; row < out.length; row++) {
      out[row] = (long) numbers[row];
      if (!missing[row] && out[row] != numbers[row]) {
        frame.fail(row, slot.id(), "the output of it is not a whole number: " + numbers[row]);
        missing[row] = true;
      }
    }
    return out;
  }
}
