package org.pillion.scoring.spark.expression;

import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

/** And, or, not with three truth values, and tests for null and NaN. */
final class Logic {
  private Logic() {}

  private abstract static class Flag implements Expression {
    @Override
    public SparkType type() {
      return SparkType.BOOLEAN;
    }
  }

  /** And; or, by the law of De Morgan, is the negation of the and of the negations. */
  static Expression junction(Expression left, Expression right, boolean conjunction) {
    return new Flag() {
      @Override
      public Values evaluate(Evaluation rows) {
        BooleanColumn a = (BooleanColumn) left.evaluate(rows);
        BooleanColumn b = (BooleanColumn) right.evaluate(undecided(a, rows));
        int n = rows.rows();
        boolean[] out = new boolean[n];
        boolean[] nulls = null;
        for (int row = 0; row < n; row++) {
          boolean leftNull = a.isNull(row);
          boolean decidedLeft = !leftNull && a.values()[row] != conjunction;
          boolean rightNull = b.isNull(row);
          boolean decidedRight = !rightNull && b.values()[row] != conjunction;
          if (decidedLeft || decidedRight) {
            out[row] = !conjunction;
          } else if (leftNull || rightNull) {
            nulls = nulls == null ? new boolean[n] : nulls;
            nulls[row] = true;
          } else {
            out[row] = conjunction;
          }
        }
        return new BooleanColumn(out, nulls);
      }

      /** Spark does not look at the right side where the left one decides. */
      private Evaluation undecided(BooleanColumn a, Evaluation rows) {
        boolean[] decided = new boolean[rows.rows()];
        for (int row = 0; row < decided.length; row++) {
          decided[row] = !a.isNull(row) && a.values()[row] != conjunction;
        }
        return rows.where(decided, false);
      }
    };
  }

  static Expression not(Expression operand) {
    return new Flag() {
      @Override
      public Values evaluate(Evaluation rows) {
        BooleanColumn in = (BooleanColumn) operand.evaluate(rows);
        boolean[] out = new boolean[rows.rows()];
        for (int row = 0; row < out.length; row++) {
          out[row] = !in.values()[row];
        }
        return new BooleanColumn(out, in.nulls());
      }
    };
  }

  static Expression isNull(Expression operand, boolean wanted) {
    return new Flag() {
      @Override
      public Values evaluate(Evaluation rows) {
        boolean[] nulls = operand.evaluate(rows).nulls();
        boolean[] out = new boolean[rows.rows()];
        for (int row = 0; row < out.length; row++) {
          out[row] = Nulls.at(nulls, row) == wanted;
        }
        return new BooleanColumn(out, null);
      }
    };
  }

  static Expression isNan(Expression operand) {
    return new Flag() {
      @Override
      public Values evaluate(Evaluation rows) {
        DoubleColumn in = (DoubleColumn) operand.evaluate(rows);
        boolean[] out = new boolean[rows.rows()];
        for (int row = 0; row < out.length; row++) {
          out[row] = !in.isNull(row) && Double.isNaN(in.values()[row]);
        }
        return new BooleanColumn(out, null);
      }
    };
  }
}
