package org.pillion.scoring.spark.column;

import java.util.Arrays;

/** Grows a column of vectors element by element, row by row. */
public final class VectorBuilder {
  private final int size;
  private final boolean[] dense;
  private final int[] starts;
  private int[] indices;
  private double[] values;
  private boolean[] nulls;
  private int row;
  private int end;

  /** No rows yet, with room for a number of stored elements. */
  public VectorBuilder(int rows, int size, int capacity) {
    this.size = size;
    this.dense = new boolean[rows];
    this.starts = new int[rows + 1];
    int room = Math.max(16, capacity);
    this.indices = new int[room];
    this.values = new double[room];
  }

  /** Adds an element to the row that is being built; indices ascend. */
  public void add(int index, double value) {
    if (end == values.length) {
      grow(end + 1);
    }
    indices[end] = index;
    values[end++] = value;
  }

  /** Adds the elements of the only row of a column, which is sparse. */
  public void addRow(VectorColumn one) {
    int stored = one.starts()[1];
    grow(end + stored);
    System.arraycopy(one.indices(), 0, indices, end, stored);
    System.arraycopy(one.values(), 0, values, end, stored);
    end += stored;
  }

  /** Ends a row as a sparse vector of the elements that were added. */
  public void endSparse() {
    starts[++row] = end;
  }

  /** Ends a row as null; what was added to it is dropped. */
  public void endNull() {
    if (nulls == null) {
      nulls = new boolean[dense.length];
    }
    nulls[row] = true;
    end = starts[row];
    starts[++row] = end;
  }

  /** How many elements of the row that is being built are not zero; NaN is not. */
  public int nonZeros() {
    int count = 0;
    for (int k = starts[row]; k < end; k++) {
      if (values[k] != 0.0) {
        count++;
      }
    }
    return count;
  }

  /** Ends a row as a sparse vector of those elements that are not zero. */
  public void endSparseNonZeros() {
    keepNonZeros(starts[row], nonZeros());
    starts[++row] = end;
  }

  /** Ends a row as a dense vector; elements that were not added are zero. */
  public void endDense() {
    spread(starts[row]);
    starts[++row] = end;
  }

  private void keepNonZeros(int start, int nonZeros) {
    if (nonZeros < end - start) {
      int to = start;
      for (int k = start; k < end; k++) {
        if (values[k] != 0.0) {
          indices[to] = indices[k];
          values[to++] = values[k];
        }
      }
      end = to;
    }
  }

  /** From the last element to the first, so that the row is spread within its own place. */
  private void spread(int start) {
    dense[row] = true;
    grow(start + size);
    int k = end - 1;
    for (int index = size - 1; index >= 0; index--) {
      if (k >= start && indices[k] == index) {
        values[start + index] = values[k--];
      } else {
        values[start + index] = 0.0;
      }
    }
    end = start + size;
  }

  /** The column, once every row was ended. */
  public VectorColumn build() {
    if (row != dense.length) {
      throw new IllegalStateException(row + " of " + dense.length + " rows were ended");
    }
    return new VectorColumn(size, dense, starts, indices, values, nulls);
  }

  private void grow(int needed) {
    if (needed > values.length) {
      int room = Math.max(needed, 2 * values.length);
      indices = Arrays.copyOf(indices, room);
      values = Arrays.copyOf(values, room);
    }
  }
}
