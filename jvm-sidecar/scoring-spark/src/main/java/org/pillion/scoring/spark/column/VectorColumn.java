package org.pillion.scoring.spark.column;

import java.util.Arrays;

/**
 * Vectors of one size, dense or sparse row by row as Spark has them, end to end in shared arrays.
 *
 * <p>The elements of row {@code r} are at {@code starts[r]} to {@code starts[r + 1]}, exclusive:
 * all of them where the row is dense, and those at {@code indices} where it is sparse. Stored
 * elements may be zero. Where all rows are dense, {@code indices} is empty.
 *
 * @param size length of each vector
 * @param dense per row, whether it is dense
 * @param starts length: rows + 1
 * @param indices positions in the vector, ascending in each sparse row; without meaning in a dense
 *     one
 * @param values the stored elements
 * @param nulls the mask of null vectors, or null when there are none; they store no element
 */
public record VectorColumn(
    int size, boolean[] dense, int[] starts, int[] indices, double[] values, boolean[] nulls)
    implements Values {

  @Override
  public VectorColumn repeat(int rows) {
    int stored = starts[1];
    boolean[] forms = new boolean[rows];
    Arrays.fill(forms, dense[0]);
    int[] all = new int[rows + 1];
    double[] elements = new double[Math.multiplyExact(rows, stored)];
    int[] positions = new int[dense[0] ? 0 : elements.length];
    for (int row = 0; row < rows; row++) {
      all[row + 1] = all[row] + stored;
      System.arraycopy(values, 0, elements, all[row], stored);
      if (!dense[0]) {
        System.arraycopy(indices, 0, positions, all[row], stored);
      }
    }
    return new VectorColumn(size, forms, all, positions, elements, Masks.repeat(nulls, rows));
  }

  /** Copies a row's elements to an array of length {@link #size()}, zeros included. */
  public void copyRow(int row, double[] target) {
    copyRow(row, target, 0);
  }

  /** Copies a row's elements to {@link #size()} places from {@code at} on, zeros included. */
  public void copyRow(int row, double[] target, int at) {
    int start = starts[row];
    int end = starts[row + 1];
    if (dense[row]) {
      System.arraycopy(values, start, target, at, end - start);
      return;
    }
    Arrays.fill(target, at, at + size, 0.0);
    for (int k = start; k < end; k++) {
      target[at + indices[k]] = values[k];
    }
  }

  /** Whether every row stores all of its elements, so that they are at equal distances. */
  public boolean isFull() {
    return starts[dense.length] == (long) dense.length * size;
  }

  /** An element of a row's vector, which is not null. */
  public double element(int row, int index) {
    int start = starts[row];
    if (dense[row]) {
      return values[start + index];
    }
    int found = Arrays.binarySearch(indices, start, starts[row + 1], index);
    return found < 0 ? 0.0 : values[found];
  }

  /**
   * Vectors of these by position.
   *
   * @param positions per row, the vector that it takes, or −1 for null
   */
  public VectorColumn gather(int[] positions) {
    if (isIdentity(positions)) {
      return this;
    }
    int total = 0;
    for (int position : positions) {
      total = Math.addExact(total, position < 0 ? 0 : starts[position + 1] - starts[position]);
    }
    int rows = positions.length;
    boolean[] forms = new boolean[rows];
    boolean[] missing = null;
    int[] ends = new int[rows + 1];
    int[] where = new int[indices.length == 0 ? 0 : total];
    double[] elements = new double[total];
    for (int row = 0; row < rows; row++) {
      int position = positions[row];
      ends[row + 1] = ends[row];
      if (position < 0 || isNull(position)) {
        missing = missing == null ? new boolean[rows] : missing;
        missing[row] = true;
        continue;
      }
      int stored = starts[position + 1] - starts[position];
      forms[row] = dense[position];
      System.arraycopy(values, starts[position], elements, ends[row], stored);
      if (!dense[position]) {
        System.arraycopy(indices, starts[position], where, ends[row], stored);
      }
      ends[row + 1] += stored;
    }
    return new VectorColumn(size, forms, ends, where, elements, missing);
  }

  private boolean isIdentity(int[] positions) {
    if (positions.length != dense.length) {
      return false;
    }
    for (int row = 0; row < positions.length; row++) {
      if (positions[row] != row) {
        return false;
      }
    }
    return true;
  }

  /** Dense vectors, row after row in one array. */
  public static VectorColumn ofDense(int rows, int size, double[] values, boolean[] nulls) {
    boolean[] dense = new boolean[rows];
    Arrays.fill(dense, true);
    int[] starts = new int[rows + 1];
    for (int row = 0; row < rows; row++) {
      starts[row + 1] = starts[row] + size;
    }
    return new VectorColumn(size, dense, starts, new int[0], values, nulls);
  }
}
