package org.pillion.scoring.pmml;

import java.util.Arrays;
import org.pillion.scoring.Column;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Values;

/** A column of a result while frames are being added to it. */
final class ResultColumn {
  private final FieldType type;
  private final boolean[] missing;
  private final double[] numbers;
  private final String[] texts;

  ResultColumn(FieldType type, int rows) {
    this.type = type;
    missing = new boolean[rows];
    numbers = type == FieldType.STRING ? null : new double[rows];
    texts = type == FieldType.STRING ? new String[rows] : null;
  }

  /** Appends a frame's values of a field, or missing values where there is no field. */
  void take(Frame frame, Field field) {
    int start = frame.start();
    if (field == null) {
      Arrays.fill(missing, start, start + frame.rows(), true);
      return;
    }
    Values values = frame.values(field);
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.isFailed(row) || !values.hasValue(row)) {
        missing[start + row] = true;
      } else if (texts != null) {
        texts[start + row] = values.texts[row];
      } else {
        numbers[start + row] = values.numbers[row];
      }
    }
  }

  Column build() {
    return switch (type) {
      case STRING -> new Column.Strings(texts, missing);
      case DOUBLE -> new Column.Doubles(numbers, missing);
      case FLOAT -> new Column.Floats(floats(), missing);
      case INTEGER -> new Column.Longs(longs(), missing);
      case BOOLEAN -> new Column.Booleans(booleans(), missing);
    };
  }

  private float[] floats() {
    float[] values = new float[numbers.length];
    for (int row = 0; row < values.length; row++) {
      values[row] = (float) numbers[row];
    }
    return values;
  }

  private long[] longs() {
    long[] values = new long[numbers.length];
    for (int row = 0; row < values.length; row++) {
      values[row] = (long) numbers[row];
    }
    return values;
  }

  private boolean[] booleans() {
    boolean[] values = new boolean[numbers.length];
    for (int row = 0; row < values.length; row++) {
      values[row] = numbers[row] != 0d;
    }
    return values;
  }
}
