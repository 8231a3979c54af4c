package org.pillion.scoring.spark.column;

import java.util.Arrays;
import org.pillion.scoring.ItemRows;

/**
 * Numbers of all items: where there are few different ones, a byte an item; none at all where they
 * are those of an input; and else a number an item.
 */
public final class ResidentNumbers extends ResidentColumn {
  private static final int MOST_DIFFERENT = 256;

  private final int rows;
  private final double[] given;

  /** Whether all numbers so far are those that were given. */
  private boolean same;

  /** Per item, the position of its number among the different ones; null where they are many. */
  private byte[] codes;

  private final double[] different = new double[MOST_DIFFERENT];
  private int count;

  /** By hash: the position of a number plus one, or 0 where there is none. */
  private short[] found = new short[4 * MOST_DIFFERENT];

  private double[] values;
  private boolean[] nulls;
  private int end;

  ResidentNumbers(int rows, double[] given) {
    this.rows = rows;
    this.given = given;
    this.same = given != null;
    this.codes = new byte[rows];
  }

  @Override
  public void add(Values block) {
    DoubleColumn numbers = (DoubleColumn) block;
    double[] added = numbers.values();
    if (numbers.nulls() != null) {
      nulls = nulls == null ? new boolean[rows] : nulls;
      System.arraycopy(numbers.nulls(), 0, nulls, end, added.length);
    }
    for (double value : added) {
      long bits = Double.doubleToRawLongBits(value);
      boolean equal = same && bits == Double.doubleToRawLongBits(given[end]);
      if (codes != null) {
        int code = code(bits, value);
        if (code < 0) {
          spread();
        } else {
          codes[end] = (byte) code;
        }
      }
      if (codes == null) {
        if (values == null && !equal) {
          values = Arrays.copyOf(Arrays.copyOf(given, end), rows);
        }
        if (values != null) {
          values[end] = value;
        }
      }
      same = equal;
      end++;
    }
  }

  /**
   * The position of a number, which is new where none has its bits; −1 where there are too many.
   */
  private int code(long bits, double value) {
    int mask = found.length - 1;
    int at = (int) (bits * 0x9E3779B97F4A7C15L >>> 40) & mask;
    while (found[at] != 0) {
      if (Double.doubleToRawLongBits(different[found[at] - 1]) == bits) {
        return found[at] - 1;
      }
      at = at + 1 & mask;
    }
    if (count == MOST_DIFFERENT) {
      return -1;
    }
    different[count++] = value;
    found[at] = (short) count;
    return count - 1;
  }

  private void spread() {
    if (!same) {
      values = new double[rows];
      for (int row = 0; row < end; row++) {
        values[row] = different[codes[row] & 0xFF];
      }
    }
    codes = null;
    found = null;
  }

  /** Whether there are few different numbers. */
  boolean isCoded() {
    return codes != null;
  }

  /** The different numbers, where there are few. */
  double[] different() {
    return different;
  }

  /** The mask of null values, or null when there are none. */
  boolean[] nulls() {
    return nulls;
  }

  /** Writes the codes to every so many places, from one on. */
  void pack(byte[] target, int at, int width) {
    for (int row = 0; row < rows; row++) {
      target[row * width + at] = codes[row];
    }
  }

  /** Writes the numbers to every so many places, from one on. */
  void pack(double[] target, int at, int width) {
    double[] of = values == null ? given : values;
    for (int row = 0; row < rows; row++) {
      target[row * width + at] = of[row];
    }
  }

  @Override
  public DoubleColumn take(ItemRows items) {
    double[] out = new double[items.count()];
    int[] at = items.rows();
    int first = items.first();
    if (codes != null) {
      byte[] of = codes;
      double[] among = different;
      if (at == null) {
        for (int i = 0; i < out.length; i++) {
          out[i] = among[of[first + i] & 0xFF];
        }
      } else {
        for (int i = 0; i < out.length; i++) {
          out[i] = among[of[at[i]] & 0xFF];
        }
      }
    } else {
      double[] of = values == null ? given : values;
      if (at == null) {
        System.arraycopy(of, first, out, 0, out.length);
      } else {
        for (int i = 0; i < out.length; i++) {
          out[i] = of[at[i]];
        }
      }
    }
    return new DoubleColumn(out, Masks.take(nulls, items));
  }

  @Override
  public boolean isSame(ResidentColumn column) {
    if (!(column instanceof ResidentNumbers other) || !Arrays.equals(nulls, other.nulls)) {
      return false;
    }
    return codes == null
        ? other.codes == null && values == null && other.values == null && given == other.given
        : count == other.count
            && Arrays.equals(different, other.different)
            && Arrays.equals(codes, other.codes);
  }

  @Override
  public double bytesPerItem() {
    return (codes != null ? 1 : values != null ? Double.BYTES : 0) + (nulls == null ? 0 : 1);
  }
}
