package org.pillion.scoring.pmml.tree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;

/** The columns that the trees of an ensemble look at, which they share. */
public final class TreeFeatures {
  /**
   * The columns of a frame, row by row.
   *
   * @param values {@code width} numbers or codes for each row
   * @param complete whether a row has a value in each
   */
  public record Matrix(double[] values, int width, boolean[] complete) {}

  private final Map<Field, Integer> numbers = new LinkedHashMap<>();
  private final Map<Field, Integer> codes = new LinkedHashMap<>();
  private final List<Field> fields = new ArrayList<>();

  int number(Field field) {
    return numbers.computeIfAbsent(field, this::add);
  }

  int code(Field field) {
    return codes.computeIfAbsent(field, this::add);
  }

  private int add(Field field) {
    fields.add(field);
    return fields.size() - 1;
  }

  public Matrix matrix(Frame frame) {
    // A tree without questions reads a column, too.
    int width = Math.max(1, fields.size());
    double[] values = new double[width * frame.rows()];
    numbers.forEach((field, column) -> fill(frame.values(field).numbers, values, column, width));
    codes.forEach((field, column) -> fill(frame.values(field).codes(), values, column, width));
    return new Matrix(values, width, frame.complete(fields.toArray(new Field[0])));
  }

  private static void fill(double[] column, double[] values, int offset, int width) {
    for (int row = 0; row < column.length; row++) {
      values[row * width + offset] = column[row];
    }
  }

  private static void fill(int[] column, double[] values, int offset, int width) {
    for (int row = 0; row < column.length; row++) {
      values[row * width + offset] = column[row];
    }
  }
}
