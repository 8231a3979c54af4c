package org.pillion.scoring.spark.expression;

import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

/** An expression of Spark SQL, evaluated for all rows of a batch at once. */
interface Expression {
  /** Type of its values. */
  SparkType type();

  /** Its values; those of rows that are not asked for have no meaning. */
  Values evaluate(Evaluation rows);
}
