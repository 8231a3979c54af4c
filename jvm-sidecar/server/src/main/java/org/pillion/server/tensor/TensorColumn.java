package org.pillion.server.tensor;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.Truncated;

/**
 * Takes the values of one tensor in turn, from whatever they are encoded in, into the column of its
 * field. A value keeps its exact value or is refused by its row; more rows than a request may have
 * are refused at the first that is too many.
 */
public final class TensorColumn {
  private static final boolean[] NONE_MISSING = {};

  private final InputRules rules;
  private final String tensor;
  private final Datatype datatype;
  private final ColumnBuilder values;
  private boolean[] missing = NONE_MISSING;

  TensorColumn(InputRules rules, String tensor, Datatype datatype, ColumnBuilder values) {
    this.rules = rules;
    this.tensor = tensor;
    this.datatype = datatype;
    this.values = values;
  }

  /**
   * Names the rows whose value is missing, whatever it is.
   *
   * @param text the parameter {@link MissingRows#PARAMETER}, or null
   * @param rows how many there will be
   * @throws InvalidInput when it is not a list of such rows
   */
  public void setMissing(String text, int rows) {
    missing = text == null ? NONE_MISSING : MissingRows.parse(tensor, text, rows);
  }

  public String tensor() {
    return tensor;
  }

  public Datatype datatype() {
    return datatype;
  }

  /** The field's type. */
  public FieldType type() {
    return values.type();
  }

  /** Rows so far. */
  public int rows() {
    return values.rows();
  }

  /** Makes room for a number of rows that are sure to come. */
  public void reserve(int rows) {
    values.reserve(rows);
  }

  public void addMissing() {
    rules.requireRoom(tensor, values.rows() + 1L);
    values.addMissing();
  }

  public void add(boolean value) {
    if (!addIfMissing()) {
      values.add(value);
    }
  }

  /**
   * Adds a whole number.
   *
   * @throws InvalidInput when the datatype does not hold it, or the field does not represent it
   */
  public void add(long value) {
    if (!addIfMissing()) {
      if (!datatype.holds(value)) {
        throw refused(shown(value));
      }
      try {
        values.add(value);
      } catch (InvalidInput e) {
        throw refused(shown(value));
      }
    }
  }

  public void add(float value) {
    if (!addIfMissing()) {
      values.add(value);
    }
  }

  /**
   * Adds a number.
   *
   * @throws InvalidInput when the field does not represent it
   */
  public void add(double value) {
    if (!addIfMissing()) {
      try {
        values.add(value);
      } catch (InvalidInput e) {
        throw refused(Double.toString(value));
      }
    }
  }

  /**
   * Adds a text.
   *
   * @param text null where what was sent is not Unicode text
   * @throws InvalidInput when it is null
   */
  public void add(String text) {
    if (!addIfMissing()) {
      if (text == null) {
        throw new InvalidInput(
            tensor,
            "the input '%s', row %d: the text is not valid Unicode"
                .formatted(tensor, values.rows()));
      }
      values.add(text);
    }
  }

  /** Adds whole numbers that the datatype holds, as {@link #add(long)} does. */
  public void addAll(LongBuffer numbers) {
    requireRoom(numbers.remaining());
    if (missing.length > 0 && values.type() != FieldType.INTEGER) {
      while (numbers.hasRemaining()) {
        add(numbers.get());
      }
    }
    try {
      values.addAll(numbers);
    } catch (InvalidInput e) {
      throw refused(shown(numbers.get(numbers.position() - 1)));
    }
  }

  public void addAll(FloatBuffer numbers) {
    requireRoom(numbers.remaining());
    values.addAll(numbers);
  }

  /** Adds numbers, as {@link #add(double)} does. */
  public void addAll(DoubleBuffer numbers) {
    requireRoom(numbers.remaining());
    if (missing.length > 0 && values.type() != FieldType.DOUBLE) {
      while (numbers.hasRemaining()) {
        add(numbers.get());
      }
    }
    try {
      values.addAll(numbers);
    } catch (InvalidInput e) {
      throw refused(Double.toString(numbers.get(numbers.position() - 1)));
    }
  }

  /**
   * The column.
   *
   * @throws InvalidInput when it has not the number of rows that the shape says
   */
  public Column build(long[] shape) {
    rules.requireValues(tensor, shape, values.rows());
    Column column = values.build();
    for (int row = 0; row < missing.length; row++) {
      column.missing()[row] |= missing[row];
    }
    return column;
  }

  /** The refusal of the next value, whose text is shown. */
  public InvalidInput refused(String text) {
    return new InvalidInput(
        tensor,
        "the input '%s', row %d: %s is not a value of %s for a field of type %s"
            .formatted(tensor, values.rows(), Truncated.of(text), datatype, values.type().text()));
  }

  private String shown(long value) {
    return datatype == Datatype.UINT64 ? Long.toUnsignedString(value) : Long.toString(value);
  }

  /**
   * Checks that there is room for more rows.
   *
   * @throws RequestException when there is not
   */
  private void requireRoom(int more) {
    rules.requireRoom(tensor, (long) values.rows() + more);
  }

  /** Adds the next value if it is missing whatever it is. */
  private boolean addIfMissing() {
    requireRoom(1);
    int row = values.rows();
    boolean isMissing = row < missing.length && missing[row];
    if (isMissing) {
      values.addMissing();
    }
    return isMissing;
  }
}
