package org.pillion.scoring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** Records to score, as one column per input of a contract, in the contract's order. */
public final class ColumnBatch {
  private final FeatureContract contract;
  private final int rows;
  private final Column[] columns;

  private ColumnBatch(FeatureContract contract, int rows, Column[] columns) {
    this.contract = contract;
    this.rows = rows;
    this.columns = columns;
  }

  /** A builder for a batch of a number of rows. */
  public static Builder builder(FeatureContract contract, int rows) {
    return new Builder(contract, rows);
  }

  /**
   * A batch of named columns.
   *
   * @throws InvalidInput naming the field and what was expected
   */
  public static ColumnBatch of(FeatureContract contract, int rows, Map<String, Column> columns) {
    Builder builder = builder(contract, rows);
    columns.forEach(builder::add);
    return builder.build();
  }

  /** The contract that this batch fits. */
  public FeatureContract contract() {
    return contract;
  }

  /** Number of records. */
  public int rows() {
    return rows;
  }

  /** The column of the input at a position of the contract. */
  public Column column(int position) {
    return columns[position];
  }

  /** All columns in the contract's order. */
  public List<Column> columns() {
    return List.of(columns);
  }

  /** The columns themselves, which nobody changes. */
  Column[] array() {
    return columns;
  }

  /** Collects the columns of a batch and checks each against the contract. */
  public static final class Builder {
    private final FeatureContract contract;
    private final Map<String, Integer> positions;
    private final int rows;
    private final Column[] columns;

    private Builder(FeatureContract contract, int rows) {
      if (rows < 0) {
        throw new InvalidInput("the number of rows is negative: " + rows);
      }
      this.contract = contract;
      this.positions = contract.inputPositions();
      this.rows = rows;
      this.columns = new Column[contract.inputs().size()];
    }

    /**
     * Adds the column of a field.
     *
     * @throws InvalidInput when the field is unknown or already there, or the column has another
     *     type or length than the contract and the batch ask for
     */
    public Builder add(String name, Column column) {
      int position = put(name, column);
      if (column.rows() != rows) {
        columns[position] = null;
        throw new InvalidInput(
            name,
            "the field '%s' has %d values, but the batch has %d rows"
                .formatted(name, column.rows(), rows));
      }
      return this;
    }

    /** Adds the column of a field, of any length, and returns the field's position. */
    int put(String name, Column column) {
      Integer position = positions.get(name);
      if (position == null) {
        throw new InvalidInput(name, "the field '" + name + "' is not an input of the model");
      }
      if (columns[position] != null) {
        throw new InvalidInput(name, "the field '" + name + "' is given twice");
      }
      FieldType expected = contract.inputs().get(position).type();
      if (column.type() != expected) {
        throw new InvalidInput(
            name,
            "the field '%s' is of type %s, but %s was given"
                .formatted(name, expected.text(), column.type().text()));
      }
      columns[position] = column;
      return position;
    }

    /**
     * The batch.
     *
     * @throws InvalidInput naming the fields without a column
     */
    public ColumnBatch build() {
      requireAll(new BitSet());
      return new ColumnBatch(contract, rows, given());
    }

    /** The columns so far; null where there is none. */
    Column[] given() {
      return Arrays.copyOf(columns, columns.length);
    }

    /**
     * Refuses fields without a column.
     *
     * @param others positions of those that come from elsewhere
     * @throws InvalidInput naming them
     */
    void requireAll(BitSet others) {
      List<String> absent = new ArrayList<>(0);
      for (int i = 0; i < columns.length; i++) {
        if (columns[i] == null && !others.get(i)) {
          absent.add(contract.inputs().get(i).name());
        }
      }
      if (!absent.isEmpty()) {
        String names = "'" + String.join("', '", absent) + "'";
        String noun = absent.size() == 1 ? "the field " : "the fields ";
        throw new InvalidInput(absent.get(0), noun + names + " must be given");
      }
    }
  }
}
