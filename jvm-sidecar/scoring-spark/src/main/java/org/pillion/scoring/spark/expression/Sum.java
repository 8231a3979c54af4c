package org.pillion.scoring.spark.expression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.RowSums;
import org.pillion.scoring.spark.column.SparkType;

/**
 * A sum of doubles whose terms are added from left to right, without a column a step.
 *
 * @param terms at least two
 */
record Sum(List<Expression> terms) implements Expression {
  /** A product of doubles. */
  record Product(Expression left, Expression right) implements Expression {
    @Override
    public SparkType type() {
      return SparkType.DOUBLE;
    }

    @Override
    public DoubleColumn evaluate(Evaluation rows) {
      return new Accumulator(rows).add(this).column();
    }
  }

  /** The sum of two terms; a sum on the left goes on. */
  static Sum of(Expression left, Expression right) {
    List<Expression> terms = new ArrayList<>(left instanceof Sum sum ? sum.terms : List.of(left));
    terms.add(right);
    return new Sum(List.copyOf(terms));
  }

  @Override
  public SparkType type() {
    return SparkType.DOUBLE;
  }

  @Override
  public DoubleColumn evaluate(Evaluation rows) {
    Accumulator sum = new Accumulator(rows);
    for (Expression term : terms) {
      if (term instanceof Product product) {
        sum.add(product);
      } else {
        sum.add((DoubleColumn) term.evaluateOnce(rows));
      }
    }
    return sum.column();
  }

  /** What was added so far; the first term is what the sum begins at. */
  private static final class Accumulator {
    private final Evaluation rows;
    private final int count;
    private RowSums sums;
    private boolean[] nulls;

    Accumulator(Evaluation rows) {
      this.rows = rows;
      this.count = rows.rows();
    }

    DoubleColumn column() {
      return new DoubleColumn(sums.rows(), nulls);
    }

    Accumulator add(Product product) {
      DoubleColumn left = (DoubleColumn) product.left.evaluateOnce(rows);
      DoubleColumn right = (DoubleColumn) product.right.evaluateOnce(rows);
      if (isOne(left) && isOne(right)) {
        add(left.values()[0] * right.values()[0]);
      } else if (isOne(left) || isOne(right)) {
        DoubleColumn one = isOne(left) ? left : right;
        add((one == left ? right : left).values(), one.values()[0]);
      } else if (sums == null) {
        double[] out = new double[count];
        for (int row = 0; row < count; row++) {
          out[row] = left.values()[row] * right.values()[row];
        }
        sums = new RowSums(out);
      } else {
        sums.add(left.values(), right.values());
      }
      addNulls(left);
      addNulls(right);
      return this;
    }

    void add(DoubleColumn term) {
      if (isOne(term)) {
        add(term.values()[0]);
      } else if (sums == null) {
        sums = new RowSums(Arrays.copyOf(term.values(), count));
      } else {
        sums.add(term.values(), 1.0);
      }
      addNulls(term);
    }

    private void add(double term) {
      if (sums == null) {
        double[] out = new double[count];
        Arrays.fill(out, term);
        sums = new RowSums(out);
      } else {
        sums.add(term);
      }
    }

    private void add(double[] values, double factor) {
      if (sums == null) {
        double[] out = new double[count];
        for (int row = 0; row < count; row++) {
          out[row] = values[row] * factor;
        }
        sums = new RowSums(out);
      } else {
        sums.add(values, factor);
      }
    }

    /** Whether all rows share a column's only value. */
    private boolean isOne(DoubleColumn column) {
      return column.values().length < count;
    }

    private void addNulls(DoubleColumn column) {
      if (!isOne(column)) {
        nulls = Nulls.either(nulls, column.nulls());
      } else if (column.isNull(0)) {
        nulls = new boolean[count];
        Arrays.fill(nulls, true);
      }
    }
  }
}
