package org.pillion.scoring.spark.column;

/** The values of one column, one per row. */
public sealed interface Values
    permits DoubleColumn,
        LongColumn,
        DecimalColumn,
        BooleanColumn,
        StringColumn,
        StringArrayColumn,
        VectorColumn {
  /** The mask of null values, or null when there are none; an element under it has no meaning. */
  boolean[] nulls();

  /** A column that repeats this one's only row. */
  Values repeat(int rows);

  /** Whether the value of a row is null. */
  default boolean isNull(int row) {
    boolean[] nulls = nulls();
    return nulls != null && nulls[row];
  }
}
