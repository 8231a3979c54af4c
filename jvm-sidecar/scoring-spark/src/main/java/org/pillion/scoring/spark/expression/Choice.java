package org.pillion.scoring.spark.expression;

import java.util.List;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

/** Expressions that take their value from one of several: CASE, COALESCE, GREATEST, LEAST, IN. */
final class Choice {
  private Choice() {}

  private abstract static class Merged implements Expression {
    private final SparkType type;

    Merged(SparkType type) {
      this.type = type;
    }

    @Override
    public SparkType type() {
      return type;
    }
  }

  /**
   * CASE WHEN; each branch is evaluated for the rows that reach it only.
   *
   * @param conditions one per branch
   * @param results one per branch, and the ELSE, which may be null, last
   */
  static Expression caseWhen(List<Expression> conditions, List<Expression> results) {
    return new Merged(results.get(0).type()) {
      @Override
      public Values evaluate(Evaluation rows) {
        Merger merger = null;
        Evaluation open = rows;
        for (int i = 0; i < conditions.size(); i++) {
          BooleanColumn flags = (BooleanColumn) conditions.get(i).evaluate(open);
          boolean[] taken = new boolean[rows.rows()];
          boolean any = false;
          for (int row = 0; row < taken.length; row++) {
            taken[row] = flags.values()[row] && !flags.isNull(row);
            any |= taken[row];
          }
          if (!any) {
            continue;
          }
          merger = merger == null ? new Merger(type(), rows.rows()) : merger;
          Evaluation here = open.where(taken, true);
          merger.take(results.get(i).evaluate(here), here.active());
          open = open.where(taken, false);
        }
        Expression otherwise = results.get(conditions.size());
        if (merger == null && otherwise != null) {
          // No branch was taken, as where nothing is missing: the ELSE's values are those of all.
          return otherwise.evaluate(rows);
        }
        merger = merger == null ? new Merger(type(), rows.rows()) : merger;
        if (otherwise != null) {
          merger.take(otherwise.evaluate(open), open.active());
        }
        return merger.build();
      }
    };
  }

  static Expression coalesce(List<Expression> operands) {
    return new Merged(operands.get(0).type()) {
      @Override
      public Values evaluate(Evaluation rows) {
        Merger merger = new Merger(type(), rows.rows());
        Evaluation open = rows;
        for (Expression operand : operands) {
          Values values = operand.evaluate(open);
          boolean[] known = new boolean[rows.rows()];
          for (int row = 0; row < known.length; row++) {
            known[row] = !values.isNull(row);
          }
          merger.take(values, open.where(known, true).active());
          open = open.where(known, false);
        }
        return merger.build();
      }
    };
  }

  /** The largest or smallest operand that is not null. */
  static Expression extreme(List<Expression> operands, boolean greatest) {
    return new Merged(operands.get(0).type()) {
      @Override
      public Values evaluate(Evaluation rows) {
        Values best = operands.get(0).evaluate(rows);
        for (int i = 1; i < operands.size(); i++) {
          Values next = operands.get(i).evaluate(rows);
          boolean[] better = new boolean[rows.rows()];
          boolean[] kept = new boolean[rows.rows()];
          for (int row = 0; row < better.length; row++) {
            better[row] = !next.isNull(row) && (best.isNull(row) || wins(next, best, row));
            kept[row] = !better[row];
          }
          Merger merger = new Merger(type(), rows.rows());
          merger.take(best, kept);
          merger.take(next, better);
          best = merger.build();
        }
        return best;
      }

      private boolean wins(Values next, Values best, int row) {
        int order = Comparison.compare(next, best, row);
        return greatest ? order > 0 : order < 0;
      }
    };
  }

  /** IN: null where the value is null, or where it is not found and a candidate is null. */
  static Expression in(Expression value, List<Expression> candidates) {
    return new Merged(SparkType.BOOLEAN) {
      @Override
      public Values evaluate(Evaluation rows) {
        Values wanted = value.evaluate(rows);
        int n = rows.rows();
        boolean[] out = new boolean[n];
        boolean[] nulls = new boolean[n];
        for (Expression candidate : candidates) {
          Values values = candidate.evaluate(rows);
          for (int row = 0; row < n; row++) {
            if (wanted.isNull(row) || values.isNull(row)) {
              nulls[row] = true;
            } else if (Comparison.compare(wanted, values, row) == 0) {
              out[row] = true;
            }
          }
        }
        for (int row = 0; row < n; row++) {
          nulls[row] &= !out[row];
        }
        return new BooleanColumn(out, nulls);
      }
    };
  }
}
