package org.pillion.scoring.spark.column;

/**
 * Sums of rows, side by side: each row's terms are added in the order in which they come. Four
 * terms of one kind take one pass over the rows.
 */
public final class RowSums {
  private static final int TOGETHER = 4;

  private final double[] sums;

  /**
   * Terms that are not added yet: numbers that all rows share, or what columns are multiplied by.
   */
  private final double[] factors = new double[TOGETHER];

  /** The columns that wait; none where numbers do. */
  private final double[][] columns = new double[TOGETHER][];

  private int waiting;

  /** Sums that begin at zero. */
  public RowSums(int rows) {
    this(new double[rows]);
  }

  /**
   * Sums that begin at numbers.
   *
   * @param first those of the rows, which are added to
   */
  public RowSums(double[] first) {
    this.sums = first;
  }

  /** The sums so far, to be added to. */
  public double[] rows() {
    if (waiting == TOGETHER && columns[0] == null) {
      addToAll(factors[0], factors[1], factors[2], factors[3], sums);
    } else if (waiting == TOGETHER) {
      addProducts(factors, columns[0], columns[1], columns[2], columns[3], sums);
    } else {
      for (int i = 0; i < waiting; i++) {
        if (columns[i] == null) {
          addToAll(factors[i], sums);
        } else {
          addProducts(columns[i], factors[i], sums);
        }
      }
    }
    waiting = 0;
    return sums;
  }

  /** Adds a term that all rows share. */
  public void add(double term) {
    await(term, null);
  }

  /** Adds products of numbers, one a row, with a factor. */
  public void add(double[] numbers, double factor) {
    await(factor, numbers);
  }

  private void await(double factor, double[] numbers) {
    if (waiting == TOGETHER || waiting > 0 && columns[0] == null != (numbers == null)) {
      rows();
    }
    factors[waiting] = factor;
    columns[waiting++] = numbers;
  }

  /** Adds products of two numbers a row. */
  public void add(double[] left, double[] right) {
    addProducts(left, right, rows());
  }

  /** Adds products with numbers: one a row, or one that all rows share. Null gives NaN. */
  public void add(DoubleColumn numbers, double coefficient) {
    double[] values = numbers.values();
    if (values.length < sums.length) {
      add(numbers.isNull(0) ? Double.NaN : values[0] * coefficient);
      return;
    }
    add(values, coefficient);
    if (numbers.nulls() != null) {
      double[] rows = rows();
      for (int row = 0; row < rows.length; row++) {
        rows[row] = numbers.nulls()[row] ? Double.NaN : rows[row];
      }
    }
  }

  /** Methods of their own and this simple, so that the JIT makes vector instructions of them. */
  private static void addProducts(double[] values, double coefficient, double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      sums[row] += values[row] * coefficient;
    }
  }

  private static void addProducts(double[] left, double[] right, double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      sums[row] += left[row] * right[row];
    }
  }

  private static void addProducts(
      double[] factors, double[] w, double[] x, double[] y, double[] z, double[] sums) {
    double a = factors[0];
    double b = factors[1];
    double c = factors[2];
    double d = factors[3];
    for (int row = 0; row < sums.length; row++) {
      sums[row] = (((sums[row] + w[row] * a) + x[row] * b) + y[row] * c) + z[row] * d;
    }
  }

  private static void addToAll(double term, double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      sums[row] += term;
    }
  }

  private static void addToAll(double a, double b, double c, double d, double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      sums[row] = (((sums[row] + a) + b) + c) + d;
    }
  }
}
