package org.pillion.scoring;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Some of the resident items, or all of them, in an order. */
public final class ItemRows {
  private final ResidentItems items;

  /** The items' rows; null for rows one after the other. */
  private final int[] rows;

  /** The first row, where they come one after the other. */
  private final int first;

  private final int count;

  private ItemRows(ResidentItems items, int[] rows, int first, int count) {
    this.items = items;
    this.rows = rows;
    this.first = first;
    this.count = count;
  }

  static ItemRows of(ResidentItems items, int[] rows) {
    int all = items.columns().rows();
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= all) {
        throw new InvalidInput(
            "candidate %d is the item in row %d, but there are %d items"
                .formatted(i, rows[i], all));
      }
    }
    return new ItemRows(items, rows, 0, rows.length);
  }

  static ItemRows all(ResidentItems items) {
    return new ItemRows(items, null, 0, items.columns().rows());
  }

  /** The items. */
  public ResidentItems items() {
    return items;
  }

  /** Their columns. */
  public ItemColumns columns() {
    return items.columns();
  }

  /** How many these are. */
  public int count() {
    return count;
  }

  /** The item that is the candidate at a position. */
  public int row(int position) {
    return rows == null ? first + position : rows[position];
  }

  /** The items' rows by position; null where they are neighbours, from the {@link #first()} on. */
  public int[] rows() {
    return rows;
  }

  /** The first row, where they are neighbours. */
  public int first() {
    return first;
  }

  ItemRows slice(int from, int to) {
    return rows == null
        ? new ItemRows(items, null, first + from, to - from)
        : new ItemRows(items, Arrays.copyOfRange(rows, from, to), 0, to - from);
  }

  ItemRows pick(int[] positions) {
    int[] picked = IntStream.of(positions).map(this::row).toArray();
    return new ItemRows(items, picked, 0, picked.length);
  }

  /** The items' rows by position, whether they are neighbours or not; not to be changed. */
  public int[] toArray() {
    return rows == null ? IntStream.range(first, first + count).toArray() : rows;
  }

  /** These items' values of an input that items give. */
  Column take(int input) {
    return items.columns().column(input).take(toArray());
  }
}
