package org.pillion.scoring;

import java.util.Arrays;

/** Grows a column of one type, row by row; not safe for use by several threads. */
public final class ColumnBuilder {
  private static final int INITIAL_ROWS = 16;

  private final FieldType type;
  private boolean[] missing;
  private boolean[] booleans;
  private long[] longs;
  private float[] floats;
  private double[] doubles;
  private String[] strings;
  private int rows;

  /** An empty column of a type. */
  public ColumnBuilder(FieldType type) {
    this(type, INITIAL_ROWS);
  }

  /** An empty column of a type with room for a number of rows. */
  public ColumnBuilder(FieldType type, int capacity) {
    this.type = type;
    int room = Math.max(1, capacity);
    missing = new boolean[room];
    switch (type) {
      case BOOLEAN -> booleans = new boolean[room];
      case INTEGER -> longs = new long[room];
      case FLOAT -> floats = new float[room];
      case DOUBLE -> doubles = new double[room];
      case STRING -> strings = new String[room];
    }
  }

  /** Type of the values. */
  public FieldType type() {
    return type;
  }

  /** Rows so far. */
  public int rows() {
    return rows;
  }

  /** Adds a missing value. */
  public void addMissing() {
    int row = next();
    missing[row] = true;
  }

  /** Adds to a {@link FieldType#BOOLEAN} column. */
  public void add(boolean value) {
    int row = next();
    booleans[row] = value;
  }

  /** Adds to an {@link FieldType#INTEGER} column. */
  public void add(long value) {
    int row = next();
    longs[row] = value;
  }

  /** Adds to a {@link FieldType#FLOAT} column. */
  public void add(float value) {
    int row = next();
    floats[row] = value;
  }

  /** Adds to a {@link FieldType#DOUBLE} column. */
  public void add(double value) {
    int row = next();
    doubles[row] = value;
  }

  /** Adds to a {@link FieldType#STRING} column. */
  public void add(String value) {
    int row = next();
    strings[row] = value;
  }

  /**
   * Adds a boxed value of the column's type, or null for a missing one.
   *
   * @throws ClassCastException when the value is of another type
   */
  public void addBoxed(Object value) {
    if (value == null) {
      addMissing();
      return;
    }
    switch (type) {
      case BOOLEAN -> add((boolean) (Boolean) value);
      case INTEGER -> add((long) (Long) value);
      case FLOAT -> add((float) (Float) value);
      case DOUBLE -> add((double) (Double) value);
      case STRING -> add((String) value);
    }
  }

  /** The column of the rows so far. */
  public Column build() {
    boolean[] mask = Arrays.copyOf(missing, rows);
    return switch (type) {
      case BOOLEAN -> new Column.Booleans(Arrays.copyOf(booleans, rows), mask);
      case INTEGER -> new Column.Longs(Arrays.copyOf(longs, rows), mask);
      case FLOAT -> new Column.Floats(Arrays.copyOf(floats, rows), mask);
      case DOUBLE -> new Column.Doubles(Arrays.copyOf(doubles, rows), mask);
      case STRING -> new Column.Strings(Arrays.copyOf(strings, rows), mask);
    };
  }

  /** May replace the arrays, so it must be called before one of them is taken. */
  private int next() {
    if (rows == missing.length) {
      grow(Math.multiplyExact(2, rows));
    }
    return rows++;
  }

  private void grow(int capacity) {
    missing = Arrays.copyOf(missing, capacity);
    switch (type) {
      case BOOLEAN -> booleans = Arrays.copyOf(booleans, capacity);
      case INTEGER -> longs = Arrays.copyOf(longs, capacity);
      case FLOAT -> floats = Arrays.copyOf(floats, capacity);
      case DOUBLE -> doubles = Arrays.copyOf(doubles, capacity);
      case STRING -> strings = Arrays.copyOf(strings, capacity);
    }
  }
}
