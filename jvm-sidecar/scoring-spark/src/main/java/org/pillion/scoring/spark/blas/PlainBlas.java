package org.pillion.scoring.spark.blas;

/** netlib's {@code Java8BLAS}: four partial sums, nothing fused. */
final class PlainBlas implements Blas {
  @Override
  public double dot(int n, double[] x, int xStart, double[] y, int yStart) {
    double s0 = 0.0;
    double s1 = 0.0;
    double s2 = 0.0;
    double s3 = 0.0;
    int i = 0;
    for (; i < n - n % 4; i += 4) {
      s0 += x[xStart + i] * y[yStart + i];
      s1 += x[xStart + i + 1] * y[yStart + i + 1];
      s2 += x[xStart + i + 2] * y[yStart + i + 2];
      s3 += x[xStart + i + 3] * y[yStart + i + 3];
    }
    double sum = 0.0 + (s0 + s1 + s2 + s3);
    for (; i < n; i++) {
      sum += x[xStart + i] * y[yStart + i];
    }
    return sum;
  }

  @Override
  public double columnDot(int n, double[] x, int xStart, double[] column, int start) {
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
      sum += x[xStart + i] * column[start + i];
    }
    return sum;
  }

  @Override
  public double rowDot(int n, double[] a, int start, int stride, double[] x) {
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
      sum += a[start + i * stride] * x[i];
    }
    return sum;
  }

  /** Lanes wider than the matrix, so that no row fills one. */
  @Override
  public void addProduct(int rows, int columns, double[] a, double[] x, int xStart, double[] y) {
    LaneBlas.addProduct(rows + 1, rows, columns, a, x, xStart, y);
  }
}
