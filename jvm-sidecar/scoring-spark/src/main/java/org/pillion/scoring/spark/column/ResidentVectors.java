package org.pillion.scoring.spark.column;

import java.util.Arrays;
import org.pillion.scoring.ItemRows;

/** Vectors of all items, dense or sparse as each one is. */
final class ResidentVectors extends ResidentColumn {
  private final int size;
  private final boolean[] dense;
  private final int[] starts;
  private int[] indices = new int[0];
  private double[] values = new double[16];
  private boolean[] nulls;
  private VectorColumn all;
  private int end;

  ResidentVectors(int rows, int size) {
    this.size = size;
    this.dense = new boolean[rows];
    this.starts = new int[rows + 1];
  }

  @Override
  public void add(Values block) {
    VectorColumn vectors = (VectorColumn) block;
    int added = vectors.dense().length;
    int from = starts[end];
    int stored = vectors.starts()[added];
    if (Math.addExact(from, stored) > values.length) {
      values = Arrays.copyOf(values, Math.max(from + stored, values.length + (values.length >> 1)));
    }
    System.arraycopy(vectors.values(), 0, values, from, stored);
    if (vectors.indices().length > 0 || indices.length > 0) {
      indices = Arrays.copyOf(indices, values.length);
      System.arraycopy(
          vectors.indices(), 0, indices, from, Math.min(stored, vectors.indices().length));
    }
    System.arraycopy(vectors.dense(), 0, dense, end, added);
    if (vectors.nulls() != null) {
      nulls = nulls == null ? new boolean[dense.length] : nulls;
      System.arraycopy(vectors.nulls(), 0, nulls, end, added);
    }
    for (int row = 1; row <= added; row++) {
      starts[end + row] = from + vectors.starts()[row];
    }
    end += added;
    if (end == dense.length) {
      int length = starts[end];
      values = Arrays.copyOf(values, length);
      indices = indices.length == 0 ? indices : Arrays.copyOf(indices, length);
      all = new VectorColumn(size, dense, starts, indices, values, nulls);
    }
  }

  @Override
  public VectorColumn take(ItemRows items) {
    return all.gather(items.toArray());
  }

  @Override
  public double bytesPerItem() {
    long stored = Double.BYTES + (indices.length == 0 ? 0 : Integer.BYTES);
    double elements = (double) stored * starts[end] / Math.max(1, end);
    return elements + 1 + Integer.BYTES + (nulls == null ? 0 : 1);
  }
}
