package org.pillion.scoring;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Items with their features, resident in memory, so that a request can name candidates by their
 * ids: a column a feature, a row an item, in rising order of ids.
 *
 * <p>Ids are whole numbers, or texts in the order of their code points. Equal texts are held once,
 * and so is the mask of all columns in which nothing is missing.
 */
public final class ItemTable {
  private final ItemIds ids;
  private final Map<String, Column> columns;
  private final int rows;
  private final long bytes;

  private ItemTable(Column ids, Map<String, Column> columns, long textBytes) {
    this.ids = ItemIds.of(ids);
    this.rows = ids.rows();
    boolean[] noneMissing = new boolean[rows];
    Map<String, Column> shared = new LinkedHashMap<>();
    long taken = this.ids.bytes() + textBytes + rows;
    for (Map.Entry<String, Column> entry : columns.entrySet()) {
      Column column = entry.getValue();
      boolean full = column.isComplete();
      taken += (long) rows * (column.type().rowBytes() - (full ? 1 : 0));
      shared.put(entry.getKey(), full ? column.withMask(noneMissing) : column);
    }
    this.columns = Collections.unmodifiableMap(shared);
    this.bytes = taken;
  }

  /** Number of items. */
  public int rows() {
    return rows;
  }

  /** Of which type the ids are, whole numbers or texts. */
  public FieldType idType() {
    return ids.type();
  }

  /** The features by name, {@link #rows()} values each; not to be changed. */
  public Map<String, Column> columns() {
    return columns;
  }

  /** What the table takes of the heap, in bytes. */
  public long bytes() {
    return bytes;
  }

  /**
   * The row of an item; -1 where the table does not have it.
   *
   * @param id a {@code Long} or a {@code String}
   */
  public int row(Object id) {
    return ids.row(id);
  }

  /**
   * The rows of items.
   *
   * @param items whole numbers or texts, in any order and as often as wanted
   * @throws InvalidInput naming the first that the table does not have, and its index
   */
  public int[] rows(Column items) {
    int[] found = new int[items.rows()];
    for (int i = 0; i < found.length; i++) {
      found[i] = row(items.value(i));
      if (found[i] < 0) {
        String text = String.valueOf(items.value(i));
        String shown = text.length() > 100 ? text.substring(0, 100) + "…" : text;
        String id = items.type() == FieldType.STRING ? "'" + shown + "'" : shown;
        throw new InvalidInput(
            "'item_ids', index %d: the model's item table has no item %s".formatted(i, id));
      }
    }
    return found;
  }

  /** Compares texts by their code points, as the ids of a table are ordered. */
  public static int compare(String a, String b) {
    return ItemIds.compare(a, b);
  }

  /** The id of a row, a {@code Long} or a {@code String}. */
  public Object id(int row) {
    return ids.id(row);
  }

  /** Grows a table item by item; for one thread. */
  public static final class Builder {
    private final ColumnBuilder ids;
    private final List<String> names = new ArrayList<>();
    private final List<ColumnBuilder> columns = new ArrayList<>();
    private final Map<String, String> texts = new HashMap<>();
    private final MemoryBudget memory;
    private long textBytes;

    /**
     * A table without items.
     *
     * @param idType whole numbers or texts
     * @param features their types by name
     * @param capacity how many items there will be, at most
     * @param memory is asked for the table's arrays, now, and for its texts
     */
    public Builder(
        FieldType idType, Map<String, FieldType> features, int capacity, MemoryBudget memory) {
      this.memory = memory;
      memory.take(leastBytes(features.values(), capacity));
      ids = new ColumnBuilder("item_id", idType, capacity);
      features.forEach(
          (name, type) -> {
            names.add(name);
            columns.add(new ColumnBuilder(name, type, capacity));
          });
    }

    /** What so many items with features of some types take at least, in bytes. */
    public static long leastBytes(Iterable<FieldType> types, long items) {
      long row = Long.BYTES + 4 * Integer.BYTES;
      for (FieldType type : types) {
        row += type.rowBytes();
      }
      return row * items;
    }

    /** Adds an id; {@link #put} adds each of its features. */
    public void add(Object id) {
      ids.addBoxed(id);
    }

    /**
     * Adds a value to a feature.
     *
     * @param feature its position
     * @param value of the feature's type; null is missing
     * @throws InvalidInput when it is of another type
     */
    public void put(int feature, Object value) {
      columns.get(feature).addBoxed(value instanceof String text ? shared(text) : value);
    }

    /** The column of a feature, for values that are no texts. */
    public ColumnBuilder column(int feature) {
      return columns.get(feature);
    }

    /** The text that is kept of all that are equal. */
    public String shared(String text) {
      String known = texts.putIfAbsent(text, text);
      if (known != null) {
        return known;
      }
      long needed = MemoryBudget.bytes(text);
      memory.take(needed);
      textBytes += needed;
      return text;
    }

    /**
     * The table of all items that were added, in rising order of their ids.
     *
     * @throws InvalidInput when two items have one id
     */
    public ItemTable build() {
      Column built = ids.build();
      int[] order = rises(built) ? null : ItemIds.order(built);
      if (order != null) {
        built = built.take(order);
        if (!rises(built)) {
          throw new InvalidInput("item_id", "two items have one id");
        }
      }
      Map<String, Column> features = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        Column column = columns.get(i).build();
        features.put(names.get(i), order == null ? column : column.take(order));
      }
      return new ItemTable(built, features, textBytes);
    }

    private static boolean rises(Column ids) {
      for (int row = 1; row < ids.rows(); row++) {
        boolean rises =
            ids instanceof Column.Longs numbers
                ? numbers.values()[row - 1] < numbers.values()[row]
                : ItemIds.compare((String) ids.value(row - 1), (String) ids.value(row)) < 0;
        if (!rises) {
          return false;
        }
      }
      return true;
    }
  }
}
