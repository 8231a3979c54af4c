package org.pillion.scoring;

/**
 * The values of one field, one per row: a primitive array and a mask of missing values.
 *
 * <p>Under a set flag of {@code missing} the array's element has no meaning. Columns share the
 * arrays they are given; who hands one over stops writing to them.
 */
public sealed interface Column {
  /** Type of the values. */
  FieldType type();

  /** Length: the number of rows. */
  int rows();

  /** The mask, length {@link #rows()}: true where the value is missing. */
  boolean[] missing();

  /** The value of a row, boxed, or null where it is missing. */
  Object value(int row);

  /** Whether the value of a row is missing. */
  default boolean isMissing(int row) {
    return missing()[row];
  }

  /** Whether no value is missing. */
  default boolean isComplete() {
    for (boolean flag : missing()) {
      if (flag) {
        return false;
      }
    }
    return true;
  }

  /**
   * The same values under another mask.
   *
   * @param missing length {@link #rows()}
   */
  Column withMask(boolean[] missing);

  /** A column of the given rows of this one, in their order; a row may come more than once. */
  Column take(int[] rows);

  /** A column of a number of rows, each with the value of this one's first. */
  default Column repeat(int rows) {
    return take(new int[rows]);
  }

  /** The same values with Java's own NaN for each NaN; this column where it has no other. */
  default Column withOneNan() {
    return this;
  }

  /** Values of type {@link FieldType#BOOLEAN}. */
  record Booleans(boolean[] values, boolean[] missing) implements Column {
    public Booleans {
      requireSameLength(values.length, missing);
    }

    @Override
    public FieldType type() {
      return FieldType.BOOLEAN;
    }

    @Override
    public Column withMask(boolean[] missing) {
      return new Booleans(values, missing);
    }

    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public Column take(int[] rows) {
      boolean[] taken = new boolean[rows.length];
      for (int i = 0; i < rows.length; i++) {
        taken[i] = values[rows[i]];
      }
      return new Booleans(taken, taken(missing, rows));
    }

    @Override
    public Object value(int row) {
      return missing[row] ? null : (Object) values[row];
    }
  }

  /** Values of type {@link FieldType#INTEGER}. */
  record Longs(long[] values, boolean[] missing) implements Column {
    public Longs {
      requireSameLength(values.length, missing);
    }

    @Override
    public FieldType type() {
      return FieldType.INTEGER;
    }

    @Override
    public Column withMask(boolean[] missing) {
      return new Longs(values, missing);
    }

    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public Column take(int[] rows) {
      long[] taken = new long[rows.length];
      for (int i = 0; i < rows.length; i++) {
        taken[i] = values[rows[i]];
      }
      return new Longs(taken, taken(missing, rows));
    }

    @Override
    public Object value(int row) {
      return missing[row] ? null : (Object) values[row];
    }
  }

  /** Values of type {@link FieldType#FLOAT}. */
  record Floats(float[] values, boolean[] missing) implements Column {
    public Floats {
      requireSameLength(values.length, missing);
    }

    @Override
    public FieldType type() {
      return FieldType.FLOAT;
    }

    @Override
    public Column withMask(boolean[] missing) {
      return new Floats(values, missing);
    }

    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public Column take(int[] rows) {
      float[] taken = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        taken[i] = values[rows[i]];
      }
      return new Floats(taken, taken(missing, rows));
    }

    @Override
    public Column withOneNan() {
      float[] own = values;
      for (int row = 0; row < values.length; row++) {
        float value = values[row];
        if (Float.isNaN(value) && Float.floatToRawIntBits(value) != Float.floatToIntBits(value)) {
          own = own == values ? values.clone() : own;
          own[row] = Float.NaN;
        }
      }
      return own == values ? this : new Floats(own, missing);
    }

    @Override
    public Object value(int row) {
      return missing[row] ? null : (Object) values[row];
    }
  }

  /** Values of type {@link FieldType#DOUBLE}. */
  record Doubles(double[] values, boolean[] missing) implements Column {
    public Doubles {
      requireSameLength(values.length, missing);
    }

    @Override
    public FieldType type() {
      return FieldType.DOUBLE;
    }

    @Override
    public Column withMask(boolean[] missing) {
      return new Doubles(values, missing);
    }

    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public Column take(int[] rows) {
      double[] taken = new double[rows.length];
      for (int i = 0; i < rows.length; i++) {
        taken[i] = values[rows[i]];
      }
      return new Doubles(taken, taken(missing, rows));
    }

    @Override
    public Column withOneNan() {
      double[] own = values;
      for (int row = 0; row < values.length; row++) {
        double value = values[row];
        if (Double.isNaN(value)
            && Double.doubleToRawLongBits(value) != Double.doubleToLongBits(value)) {
          own = own == values ? values.clone() : own;
          own[row] = Double.NaN;
        }
      }
      return own == values ? this : new Doubles(own, missing);
    }

    @Override
    public Object value(int row) {
      return missing[row] ? null : (Object) values[row];
    }
  }

  /** Values of type {@link FieldType#STRING}; null elements only where the mask is set. */
  record Strings(String[] values, boolean[] missing) implements Column {
    public Strings {
      requireSameLength(values.length, missing);
      for (int row = 0; row < values.length; row++) {
        if (values[row] == null && !missing[row]) {
          throw new IllegalArgumentException("row " + row + " is null but not marked as missing");
        }
      }
    }

    @Override
    public FieldType type() {
      return FieldType.STRING;
    }

    @Override
    public Column withMask(boolean[] missing) {
      return new Strings(values, missing);
    }

    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public Column take(int[] rows) {
      String[] taken = new String[rows.length];
      for (int i = 0; i < rows.length; i++) {
        taken[i] = values[rows[i]];
      }
      return new Strings(taken, taken(missing, rows));
    }

    @Override
    public Object value(int row) {
      return missing[row] ? null : values[row];
    }
  }

  private static boolean[] taken(boolean[] missing, int[] rows) {
    boolean[] taken = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      taken[i] = missing[rows[i]];
    }
    return taken;
  }

  private static void requireSameLength(int rows, boolean[] missing) {
    if (rows != missing.length) {
      throw new IllegalArgumentException(rows + " values but " + missing.length + " missing flags");
    }
  }
}
