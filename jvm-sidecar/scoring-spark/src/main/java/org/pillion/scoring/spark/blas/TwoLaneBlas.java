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

  /** Four products side by side, as each lane waits for its last addition. */
  @Override
  public void dots(int n, double[] x, int count, double[] y, double[] out, int start) {
    int first = 0;
    for (; first + 3 < count; first += 4) {
      fourDots(n, x, first * n, y, out, start + first);
    }
    for (; first < count; first++) {
      out[start + first] = dot(n, x, first * n, y, 0);
    }
  }

  private static void fourDots(int n, double[] x, int at, double[] y, double[] out, int start) {
    double even0 = 0.0;
    double even1 = 0.0;
    double even2 = 0.0;
    double even3 = 0.0;
    double odd0 = 0.0;
    double odd1 = 0.0;
    double odd2 = 0.0;
    double odd3 = 0.0;
    int i = 0;
    for (; i < n - 1; i += 2) {
      int k = at + i;
      even0 = Math.fma(x[k], y[i], even0);
      odd0 = Math.fma(x[k + 1], y[i + 1], odd0);
      even1 = Math.fma(x[k + n], y[i], even1);
      odd1 = Math.fma(x[k + n + 1], y[i + 1], odd1);
      even2 = Math.fma(x[k + 2 * n], y[i], even2);
      odd2 = Math.fma(x[k + 2 * n + 1], y[i + 1], odd2);
      even3 = Math.fma(x[k + 3 * n], y[i], even3);
      odd3 = Math.fma(x[k + 3 * n + 1], y[i + 1], odd3);
    }
    out[start] = even0 + odd0;
    out[start + 1] = even1 + odd1;
    out[start + 2] = even2 + odd2;
    out[start + 3] = even3 + odd3;
    for (int row = 0; row < 4 && i < n; row++) {
      out[start + row] += x[at + row * n + i] * y[i];
    }
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
