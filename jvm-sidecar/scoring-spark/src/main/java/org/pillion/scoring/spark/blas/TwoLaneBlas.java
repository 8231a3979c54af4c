package org.pillion.scoring.spark.blas;

/** {@link LaneBlas} with two lanes, the width that Pillion's own Spark sessions are pinned to. */
final class TwoLaneBlas implements Blas {
  @Override
  public double dot(int n, double[] x, int xStart, double[] y, int yStart) {
    double even = 0.0;
    double odd = 0.0;
    int i = 0;
    for (; i < n - 1; i += 2) {
      even = Math.fma(x[xStart + i], y[yStart + i], even);
      odd = Math.fma(x[xStart + i + 1], y[yStart + i + 1], odd);
    }
    double sum = even + odd;
    if (i < n) {
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
    LaneBlas.addProduct(2, rows, columns, a, x, xStart, y);
  }
}
