package org.pillion.scoring.spark.column;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.ItemRows;

/**
 * Columns of numbers of all items, item by item: what a request reads of an item lies side by side,
 * so that it waits for memory once an item and not once a column.
 */
public final class ResidentRows {
  /** Items at a time: what is read of them stays in the processor's first cache. */
  private static final int TILE = 256;

  /** Per column that has few different numbers, its place among those; else −1. */
  private final int[] coded;

  /** Per other column, its place among those; else −1. */
  private final int[] plain;

  private final int codes;
  private final int numbers;
  private final byte[] packedCodes;
  private final double[] packedNumbers;

  /** The different numbers of columns that have few. */
  private final List<double[]> different = new ArrayList<>();

  private final List<boolean[]> nulls = new ArrayList<>();

  private ResidentRows(List<ResidentNumbers> columns, int rows) {
    this.coded = new int[columns.size()];
    this.plain = new int[columns.size()];
    int few = 0;
    int many = 0;
    for (int i = 0; i < coded.length; i++) {
      boolean isCoded = columns.get(i).isCoded();
      coded[i] = isCoded ? few++ : -1;
      plain[i] = isCoded ? -1 : many++;
    }
    this.codes = few;
    this.numbers = many;
    this.packedCodes = new byte[rows * few];
    this.packedNumbers = new double[rows * many];
  }

  /**
   * Columns side by side.
   *
   * @param bytesPerItem what they may take
   * @return null where that is not enough
   */
  public static ResidentRows of(List<ResidentNumbers> columns, int rows, double bytesPerItem) {
    long width = columns.stream().mapToLong(column -> column.isCoded() ? 1 : Double.BYTES).sum();
    if (columns.size() < 2 || width > bytesPerItem || width * rows > Integer.MAX_VALUE) {
      return null;
    }
    ResidentRows packed = new ResidentRows(columns, rows);
    for (int i = 0; i < columns.size(); i++) {
      ResidentNumbers column = columns.get(i);
      if (column.isCoded()) {
        column.pack(packed.packedCodes, packed.coded[i], packed.codes);
        packed.different.add(column.different());
      } else {
        column.pack(packed.packedNumbers, packed.plain[i], packed.numbers);
      }
      packed.nulls.add(column.nulls());
    }
    return packed;
  }

  /** The values of some items, column by column. */
  public DoubleColumn[] take(ItemRows items) {
    int count = items.count();
    int[] rows = items.toArray();
    double[][] out = new double[coded.length][count];
    for (int from = 0; from < count; from += TILE) {
      int to = Math.min(count, from + TILE);
      for (int i = 0; i < out.length; i++) {
        if (coded[i] >= 0) {
          copy(packedCodes, different.get(coded[i]), coded[i], codes, rows, from, to, out[i]);
        } else {
          copy(packedNumbers, plain[i], numbers, rows, from, to, out[i]);
        }
      }
    }
    DoubleColumn[] columns = new DoubleColumn[out.length];
    for (int i = 0; i < out.length; i++) {
      columns[i] = new DoubleColumn(out[i], Masks.take(nulls.get(i), items));
    }
    return columns;
  }

  private static void copy(
      byte[] packed,
      double[] different,
      int at,
      int width,
      int[] rows,
      int from,
      int to,
      double[] out) {
    for (int i = from; i < to; i++) {
      out[i] = different[packed[rows[i] * width + at] & 0xFF];
    }
  }

  private static void copy(
      double[] packed, int at, int width, int[] rows, int from, int to, double[] out) {
    for (int i = from; i < to; i++) {
      out[i] = packed[rows[i] * width + at];
    }
  }

  /** Bytes that it takes, an item. */
  public double bytesPerItem() {
    long masks = nulls.stream().filter(mask -> mask != null).count();
    return codes + (double) Double.BYTES * numbers + masks;
  }
}
