package org.pillion.scoring.spark.expression;

import java.util.function.Function;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

/** An expression of Spark SQL, evaluated for all rows of a batch at once. */
interface Expression {
  /** Type of its values. */
  SparkType type();

  /** Its values; those of rows that are not asked for have no meaning. */
  Values evaluate(Evaluation rows);

  /**
   * Its values, or the single one that all rows share: of a column that depends on a request's
   * context alone.
   */
  default Values evaluateOnce(Evaluation rows) {
    return evaluate(rows);
  }

  /** An expression of a type that is known when it is built. */
  static Expression of(SparkType type, Function<Evaluation, Values> values) {
    return new Expression() {
      @Override
      public SparkType type() {
        return type;
      }

      @Override
      public Values evaluate(Evaluation rows) {
        return values.apply(rows);
      }
    };
  }
}
