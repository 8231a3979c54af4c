package org.pillion.scoring.spark.blas;

/**
 * netlib's {@code VectorBLAS}: as many partial sums as a vector register has lanes, each by fused
 * multiply-add, then added from the first lane to the last; what does not fill a register follows
 * without fusing.
 */
final class LaneBlas implements Blas {
  private final int lanes;

  LaneBlas(int lanes) {
    this.lanes = lanes;
  }

  @Override
  public double dot(int n, double[] x, int xStart, double[] y, int yStart) {
    int whole = n - n % lanes;
    double sum = 0.0;
    for (int lane = 0; lane < lanes; lane++) {
      double partial = 0.0;
      for (int i = lane; i < whole; i += lanes) {
        partial = Math.fma(x[xStart + i], y[yStart + i], partial);
      }
      sum += partial;
    }
    for (int i = whole; i < n; i++) {
      sum += x[xStart + i] * y[yStart + i];
    }
    return sum;
  }

  @Override
  public double columnDot(int n, double[] x, int xStart, double[] column, int start) {
    return dot(n, x, xStart, column, start);
  }

  @Override
  public void addProduct(int rows, int columns, double[] a, double[] x, int xStart, double[] y) {
    addProduct(lanes, rows, columns, a, x, xStart, y);
  }

  /** Four columns at a time; rows that fill a register are fused, the others are not. */
  static void addProduct(
      int lanes, int rows, int columns, double[] a, double[] x, int xStart, double[] y) {
    int whole = rows - rows % lanes;
    int column = 0;
    for (; column < columns - columns % 4; column += 4) {
      int c0 = column * rows;
      int c1 = c0 + rows;
      int c2 = c1 + rows;
      int c3 = c2 + rows;
      double x0 = x[xStart + column];
      double x1 = x[xStart + column + 1];
      double x2 = x[xStart + column + 2];
      double x3 = x[xStart + column + 3];
      for (int row = 0; row < whole; row++) {
        double inner = Math.fma(x2, a[c2 + row], Math.fma(x3, a[c3 + row], y[row]));
        y[row] = Math.fma(x0, a[c0 + row], Math.fma(x1, a[c1 + row], inner));
      }
      for (int row = whole; row < rows; row++) {
        y[row] += x0 * a[c0 + row] + x1 * a[c1 + row] + x2 * a[c2 + row] + x3 * a[c3 + row];
      }
    }
    for (; column < columns; column++) {
      int c0 = column * rows;
      double x0 = x[xStart + column];
      for (int row = 0; row < whole; row++) {
        y[row] = Math.fma(x0, a[c0 + row], y[row]);
      }
      for (int row = whole; row < rows; row++) {
        y[row] += x0 * a[c0 + row];
      }
    }
  }
}
