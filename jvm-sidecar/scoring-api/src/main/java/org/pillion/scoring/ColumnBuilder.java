package org.pillion.scoring;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * Grows the column of one field, row by row; not safe for use by several threads.
 *
 * <p>A column keeps the exact value that is added, or refuses it: a whole number is taken by a
 * floating-point column, and a number of one floating-point type by a column of the other, where
 * the column's type represents it exactly; NaN stays NaN. Nothing else is converted. A refused
 * value adds no row. Arrays and texts are asked of a budget before they are allocated.
 */
public final class ColumnBuilder {
  private static final int INITIAL_ROWS = 16;

  /** A builder and its column, without rows. */
  private static final int OBJECT_BYTES = 256;

  private final String field;
  private final FieldType type;
  private final MemoryBudget memory;
  private boolean[] missing;
  private boolean[] booleans;
  private long[] longs;
  private float[] floats;
  private double[] doubles;
  private String[] strings;
  private int rows;

  /**
   * An empty column.
   *
   * @param field the field's name, for errors
   */
  public ColumnBuilder(String field, FieldType type) {
    this(field, type, INITIAL_ROWS);
  }

  /**
   * An empty column with room for a number of rows.
   *
   * @param field the field's name, for errors
   */
  public ColumnBuilder(String field, FieldType type, int capacity) {
    this(field, type, capacity, MemoryBudget.UNLIMITED);
  }

  /**
   * An empty column with room for a number of rows.
   *
   * @param field the field's name, for errors
   * @param memory is asked for every array and text
   */
  public ColumnBuilder(String field, FieldType type, int capacity, MemoryBudget memory) {
    this.field = field;
    this.type = type;
    this.memory = memory;
    int room = Math.max(1, capacity);
    memory.take(OBJECT_BYTES + bytes(room));
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

  /** Makes room for a number of further rows, at once. */
  public void reserve(int count) {
    int wanted = Math.addExact(rows, count);
    if (wanted > missing.length) {
      resize(wanted);
    }
  }

  /** Adds a missing value. */
  public void addMissing() {
    int row = next();
    missing[row] = true;
  }

  /**
   * Adds to a {@link FieldType#BOOLEAN} column.
   *
   * @throws InvalidInput when the column is of another type
   */
  public void add(boolean value) {
    if (type != FieldType.BOOLEAN) {
      throw refused(value);
    }
    int row = next();
    booleans[row] = value;
  }

  /**
   * Adds to an {@link FieldType#INTEGER} or floating-point column.
   *
   * @throws InvalidInput when the column's type does not represent the value exactly
   */
  public void add(long value) {
    // A cast back saturates at the largest long, which a float and a double round up past.
    switch (type) {
      case INTEGER -> {
        int row = next();
        longs[row] = value;
      }
      case FLOAT -> {
        float single = value;
        if ((long) single != value || value == Long.MAX_VALUE) {
          throw refused(value);
        }
        int row = next();
        floats[row] = single;
      }
      case DOUBLE -> {
        double number = value;
        if ((long) number != value || value == Long.MAX_VALUE) {
          throw refused(value);
        }
        int row = next();
        doubles[row] = number;
      }
      default -> throw refused(value);
    }
  }

  /**
   * Adds to a floating-point column.
   *
   * @throws InvalidInput when the column is of another type
   */
  public void add(float value) {
    switch (type) {
      case FLOAT -> {
        int row = next();
        floats[row] = value;
      }
      case DOUBLE -> {
        int row = next();
        doubles[row] = value;
      }
      default -> throw refused(value);
    }
  }

  /**
   * Adds to a floating-point column.
   *
   * @throws InvalidInput when the column's type does not represent the value exactly
   */
  public void add(double value) {
    switch (type) {
      case FLOAT -> {
        float single = (float) value;
        if (single != value && !Double.isNaN(value)) {
          throw refused(value);
        }
        int row = next();
        floats[row] = single;
      }
      case DOUBLE -> {
        int row = next();
        doubles[row] = value;
      }
      default -> throw refused(value);
    }
  }

  /**
   * Adds to a {@link FieldType#STRING} column.
   *
   * @throws InvalidInput when the column is of another type, or the value is null
   */
  public void add(String value) {
    if (type != FieldType.STRING || value == null) {
      throw refused(value);
    }
    memory.take(value);
    int row = next();
    strings[row] = value;
  }

  /**
   * Adds whole numbers in turn, at once where the column is of their type.
   *
   * @throws InvalidInput at the first that the column's type does not represent exactly, which is
   *     the last that was taken from the buffer
   */
  public void addAll(LongBuffer values) {
    if (type == FieldType.INTEGER) {
      int count = values.remaining();
      int row = next(count);
      values.get(longs, row, count);
    }
    while (values.hasRemaining()) {
      add(values.get());
    }
  }

  /**
   * Adds numbers in turn, at once where the column is of their type.
   *
   * @throws InvalidInput when the column is of no floating-point type
   */
  public void addAll(FloatBuffer values) {
    if (type == FieldType.FLOAT) {
      int count = values.remaining();
      int row = next(count);
      values.get(floats, row, count);
    }
    while (values.hasRemaining()) {
      add(values.get());
    }
  }

  /**
   * Adds numbers in turn, at once where the column is of their type.
   *
   * @throws InvalidInput at the first that the column's type does not represent exactly, which is
   *     the last that was taken from the buffer
   */
  public void addAll(DoubleBuffer values) {
    if (type == FieldType.DOUBLE) {
      int count = values.remaining();
      int row = next(count);
      values.get(doubles, row, count);
    }
    while (values.hasRemaining()) {
      add(values.get());
    }
  }

  /**
   * Adds a boxed value as the {@code add} of its type does, or a missing one for null.
   *
   * @throws InvalidInput when the column does not represent the value exactly
   */
  public void addBoxed(Object value) {
    if (value == null) {
      addMissing();
    } else if (value instanceof Double number) {
      add((double) number);
    } else if (value instanceof String text) {
      add(text);
    } else if (value instanceof Float number) {
      add((float) number);
    } else if (value instanceof Boolean flag) {
      add((boolean) flag);
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      add(((Number) value).longValue());
    } else {
      throw refused(value);
    }
  }

  /**
   * Adds the rows of a column, whose texts are not asked for.
   *
   * @throws IllegalArgumentException when it is of another type
   */
  public void addAll(Column column) {
    if (column.type() != type) {
      throw new IllegalArgumentException(
          "the field '%s' is of type %s, not %s"
              .formatted(field, type.text(), column.type().text()));
    }
    int count = column.rows();
    if (rows + count > missing.length) {
      resize(Math.max(Math.addExact(rows, count), 2 * rows));
    }
    System.arraycopy(column.missing(), 0, missing, rows, count);
    if (column instanceof Column.Booleans given) {
      System.arraycopy(given.values(), 0, booleans, rows, count);
    } else if (column instanceof Column.Longs given) {
      System.arraycopy(given.values(), 0, longs, rows, count);
    } else if (column instanceof Column.Floats given) {
      System.arraycopy(given.values(), 0, floats, rows, count);
    } else if (column instanceof Column.Doubles given) {
      System.arraycopy(given.values(), 0, doubles, rows, count);
    } else if (column instanceof Column.Strings given) {
      System.arraycopy(given.values(), 0, strings, rows, count);
    }
    rows += count;
  }

  /** The column of the rows so far; what is added later does not change it. */
  public Column build() {
    if (rows < missing.length) {
      resize(rows);
    }
    return switch (type) {
      case BOOLEAN -> new Column.Booleans(booleans, missing);
      case INTEGER -> new Column.Longs(longs, missing);
      case FLOAT -> new Column.Floats(floats, missing);
      case DOUBLE -> new Column.Doubles(doubles, missing);
      case STRING -> new Column.Strings(strings, missing);
    };
  }

  private InvalidInput refused(Object value) {
    return new InvalidInput(
        field,
        "the field '%s', row %d: %s is not a value of type %s"
            .formatted(field, rows, RowError.shown(value), type.text()));
  }

  /** Counts a row in; may replace the arrays, so it is called before one of them is taken. */
  private int next() {
    return next(1);
  }

  /** Counts rows in, as {@link #next()} does one, and returns the first of them. */
  private int next(int count) {
    if (count > missing.length - rows) {
      reserve(Math.max(count, rows));
    }
    int first = rows;
    rows += count;
    return first;
  }

  /** The old arrays and the new ones are there together for a moment. */
  private void resize(int capacity) {
    int before = missing.length;
    memory.take(bytes(capacity));
    missing = Arrays.copyOf(missing, capacity);
    switch (type) {
      case BOOLEAN -> booleans = Arrays.copyOf(booleans, capacity);
      case INTEGER -> longs = Arrays.copyOf(longs, capacity);
      case FLOAT -> floats = Arrays.copyOf(floats, capacity);
      case DOUBLE -> doubles = Arrays.copyOf(doubles, capacity);
      case STRING -> strings = Arrays.copyOf(strings, capacity);
    }
    memory.giveBack(bytes(before));
  }

  private long bytes(long capacity) {
    return capacity * type.rowBytes();
  }
}
