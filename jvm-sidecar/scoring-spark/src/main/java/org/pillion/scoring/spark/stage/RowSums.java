package org.pillion.scoring.spark.stage;

import org.pillion.scoring.spark.column.DoubleColumn;

/** Sums of rows, side by side: each row's terms are added in the order in which they come. */
final class RowSums {
  /** Terms that all rows share and that are not added yet; four take one pass over the rows. */
  private final double[] pending = new double[4];

  private int waiting;
  private final double[] sums;

  /** Sums that begin at zero. */
  RowSums(int rows) {
    this.sums = new double[rows];
  }

  /** The sums so far, to be added to. */
  double[] rows() {
    for (int i = 0; i < waiting; i++) {
      addToAll(pending[i], sums);
    }
    waiting = 0;
    return sums;
  }

  /** Adds a term that all rows share. */
  void add(double term) {
    pending[waiting++] = term;
    if (waiting == pending.length) {
      addToAll(pending[0], pending[1], pending[2], pending[3], sums);
      waiting = 0;
    }
  }

  /** Adds products with numbers: one a row, or one that all rows share. Null gives NaN. */
  void add(DoubleColumn numbers, double coefficient) {
    double[] values = numbers.values();
    if (values.length < sums.length) {
      add(numbers.isNull(0) ? Double.NaN : values[0] * coefficient);
      return;
    }
    double[] rows = rows();
    addProducts(values, coefficient, rows);
    boolean[] nulls = numbers.nulls();
    for (int row = 0; nulls != null && row < rows.length; row++) {
      rows[row] = nulls[row] ? Double.NaN : rows[row];
    }
  }

  /** Methods of their own and this simple, so that the JIT makes vector instructions of them. */
  private static void addProducts(double[] values, double coefficient, double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      sums[row] += values[row] * coefficient;
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
