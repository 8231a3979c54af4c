package org.pillion.scoring.spark.blas;

/** netlib's {@code Java11BLAS}: four partial sums, everything fused. */
final class FusedBlas implements Blas {
  @Override
  public double dot(int n, double[] x, int xStart, double[] y, int yStart) {
    double s0 = 0.0;
    double s1 = 0.0;
    double s2 = 0.0;
    double s3 = 0.0;
    int i = 0;
    for (; i < n - n % 4; i += 4) {
      s0 = Math.fma(x[xStart + i], y[yStart + i], s0);
      s1 = Math.fma(x[xStart + i + 1], y[yStart + i + 1], s1);
      s2 = Math.fma(x[xStart + i + 2], y[yStart + i + 2], s2);
      s3 = Math.fma(x[xStart + i + 3], y[yStart + i + 3], s3);
    }
    double sum = 0.0 + (s0 + s1 + s2 + s3);
    for (; i < n; i++) {
      sum = Math.fma(x[xStart + i], y[yStart + i], sum);
    }
    return sum;
  }

  @Override
  public double columnDot(int n, double[] x, int xStart, double[] column, int start) {
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
      sum = Math.fma(x[xStart + i], column[start + i], sum);
    }
    return sum;
  }

  /** One lane that every row fills. */
  @Override
  public void addProduct(int rows, int columns, double[] a, double[] x, int xStart, double[] y) {
    LaneBlas.addProduct(1, rows, columns, a, x, xStart, y);
  }
}
