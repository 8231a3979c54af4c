package org.pillion.scoring.pmml.field;

/** The values of one field for the rows of a {@link Frame}. */
public final class Values {
  private final Field field;
  private final int rows;

  /** One state of {@link Cell} a row. */
  public final byte[] states;

  /** Numbers and truth values; null for texts. */
  public final double[] numbers;

  /** Texts; null for anything else. */
  public final String[] texts;

  private String[] reasons;
  private int[] codes;

  public Values(Field field, int rows) {
    this.field = field;
    this.rows = rows;
    states = new byte[rows];
    boolean text = field.type().data() == DataType.STRING;
    numbers = text ? null : new double[rows];
    texts = text ? new String[rows] : null;
  }

  public void set(int row, Cell cell) {
    states[row] = cell.state;
    if (cell.hasValue()) {
      if (texts != null) {
        texts[row] = cell.text;
      } else {
        numbers[row] = cell.number;
      }
    } else if (cell.state == Cell.FAILED) {
      if (reasons == null) {
        reasons = new String[rows];
      }
      reasons[row] = cell.reason;
    }
  }

  public void get(int row, Cell cell) {
    cell.state = states[row];
    if (cell.hasValue()) {
      if (texts != null) {
        cell.text = texts[row];
      } else {
        cell.number = numbers[row];
      }
    } else if (cell.state == Cell.FAILED) {
      cell.reason = reasons[row];
    }
  }

  public boolean hasValue(int row) {
    return states[row] <= Cell.INVALID;
  }

  public String reason(int row) {
    return reasons[row];
  }

  /** The dictionary's code of every row that has a value. */
  public int[] codes() {
    if (codes == null) {
      codes = new int[rows];
      Dictionary dictionary = field.dictionary();
      for (int row = 0; row < rows; row++) {
        if (hasValue(row)) {
          codes[row] = texts != null ? dictionary.code(texts[row]) : dictionary.code(numbers[row]);
        }
      }
    }
    return codes;
  }
}
