package org.pillion.server.inference;

import java.util.Arrays;
import org.pillion.scoring.Column;

/** One value, for every row. */
final class RepeatedColumn {
  private RepeatedColumn() {}

  /** A column of some rows, each with the value of the given column's first. */
  static Column of(Column one, int rows) {
    boolean[] missing = new boolean[rows];
    Arrays.fill(missing, one.isMissing(0));
    return switch (one.type()) {
      case DOUBLE -> {
        double[] values = new double[rows];
        Arrays.fill(values, ((Column.Doubles) one).values()[0]);
        yield new Column.Doubles(values, missing);
      }
      case FLOAT -> {
        float[] values = new float[rows];
        Arrays.fill(values, ((Column.Floats) one).values()[0]);
        yield new Column.Floats(values, missing);
      }
      case INTEGER -> {
        long[] values = new long[rows];
        Arrays.fill(values, ((Column.Longs) one).values()[0]);
        yield new Column.Longs(values, missing);
      }
      case BOOLEAN -> {
        boolean[] values = new boolean[rows];
        Arrays.fill(values, ((Column.Booleans) one).values()[0]);
        yield new Column.Booleans(values, missing);
      }
      case STRING -> {
        String[] values = new String[rows];
        Arrays.fill(values, ((Column.Strings) one).values()[0]);
        yield new Column.Strings(values, missing);
      }
    };
  }
}
