package org.pillion.scoring;

import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * All items of a feature version, for one model: a column for each input of the model that items
 * give, with one value an item. An item's row is what a request names it by.
 */
public final class ItemColumns {
  private final FeatureContract contract;
  private final int rows;
  private final Column[] columns;
  private final BitSet inputs;

  private ItemColumns(FeatureContract contract, int rows, Column[] columns) {
    this.contract = contract;
    this.rows = rows;
    this.columns = columns;
    this.inputs = new BitSet();
    for (int i = 0; i < columns.length; i++) {
      inputs.set(i, columns[i] != null);
    }
  }

  /** A builder for a number of items. */
  public static Builder builder(FeatureContract contract, int rows) {
    return new Builder(contract, rows);
  }

  /** The contract that the columns fit. */
  public FeatureContract contract() {
    return contract;
  }

  /** Number of items. */
  public int rows() {
    return rows;
  }

  /** Whether items give the input at a position of the contract. */
  public boolean has(int position) {
    return inputs.get(position);
  }

  /** The inputs that items give, as positions in the contract. */
  public BitSet inputs() {
    return (BitSet) inputs.clone();
  }

  /** The column of an input that items give, by its position in the contract. */
  public Column column(int position) {
    return columns[position];
  }

  /** Bytes of the columns: of arrays that columns share, and of equal texts, once. */
  public long bytes() {
    long bytes = 0;
    Map<Object, Boolean> counted = new IdentityHashMap<>();
    for (Column column : columns) {
      if (column == null) {
        continue;
      }
      bytes += (long) rows * valueBytes(column.type());
      if (counted.put(column.missing(), true) == null) {
        bytes += rows;
      }
      if (column instanceof Column.Strings texts) {
        for (String text : texts.values()) {
          if (text != null && counted.put(text, true) == null) {
            bytes += MemoryBudget.bytes(text);
          }
        }
      }
    }
    return bytes;
  }

  private static int valueBytes(FieldType type) {
    return switch (type) {
      case BOOLEAN -> 1;
      case FLOAT -> Float.BYTES;
      // A reference, without which a heap of more than 32 GiB is meant.
      case STRING -> Integer.BYTES;
      case INTEGER, DOUBLE -> Long.BYTES;
    };
  }

  /** Collects the columns of items and checks each against the contract. */
  public static final class Builder {
    private final FeatureContract contract;
    private final int rows;
    private final ColumnBatch.Builder columns;

    /** The mask of all columns without missing values. */
    private final boolean[] none;

    private Builder(FeatureContract contract, int rows) {
      this.contract = contract;
      this.rows = rows;
      this.columns = ColumnBatch.builder(contract, rows);
      this.none = new boolean[rows];
    }

    /**
     * Adds the column of an input. Equal texts are held once.
     *
     * @throws InvalidInput when the field is unknown or already there, or the column has another
     *     type or length than the contract and the items ask for
     */
    public Builder add(String name, Column column) {
      columns.add(name, compact(column));
      return this;
    }

    /**
     * The columns.
     *
     * @throws InvalidInput when there is none, or no item
     */
    public ItemColumns build() {
      if (rows == 0) {
        throw new InvalidInput("there are no items");
      }
      Column[] given = columns.given();
      ItemColumns items = new ItemColumns(contract, rows, given);
      if (items.inputs.isEmpty()) {
        throw new InvalidInput("the items give no input of the model");
      }
      return items;
    }

    private Column compact(Column column) {
      boolean full = column.rows() == rows && column.isComplete();
      boolean[] missing = full ? none : column.missing();
      if (column instanceof Column.Strings texts) {
        return new Column.Strings(once(texts.values()), missing);
      }
      return column.withMask(missing);
    }

    /** The texts with equal ones held once; the array itself where they are already. */
    private static String[] once(String[] values) {
      Map<String, String> known = new HashMap<>();
      String[] texts = values;
      for (int row = 0; row < values.length; row++) {
        String text = values[row];
        String first = text == null ? null : known.putIfAbsent(text, text);
        if (first != null && first != text) {
          texts = texts == values ? values.clone() : texts;
          texts[row] = first;
        }
      }
      return texts;
    }
  }
}
