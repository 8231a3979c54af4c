package org.pillion.scoring.spark.expression;

import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.StringColumn;

/** Functions of arrays of texts. */
final class TextArrays {
  private TextArrays() {}

  /** Number of texts in an array; that of null is null, or −1 in Spark's older way. */
  static Expression size(Expression operand, boolean legacy) {
    return Expression.of(
        SparkType.INTEGER,
        rows -> {
          StringArrayColumn in = (StringArrayColumn) operand.evaluate(rows);
          long[] out = new long[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            out[row] = in.isNull(row) ? -1 : in.length(row);
          }
          return new LongColumn(out, legacy ? null : in.nulls());
        });
  }

  /** Whether a text is in an array; null where it is not, but a null is. */
  static Expression contains(Expression operand, Expression text) {
    return Expression.of(
        SparkType.BOOLEAN,
        rows -> {
          StringArrayColumn in = (StringArrayColumn) operand.evaluate(rows);
          StringColumn wanted = (StringColumn) text.evaluate(rows);
          boolean[] out = new boolean[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            nulls[row] = in.isNull(row) || wanted.isNull(row);
            if (nulls[row]) {
              continue;
            }
            int start = in.starts()[in.rows()[row]];
            for (int i = start; i < start + in.length(row) && !out[row]; i++) {
              int code = in.codes()[i];
              nulls[row] |= code < 0;
              out[row] = code >= 0 && in.dictionary()[code].equals(wanted.text(row));
            }
            nulls[row] &= !out[row];
          }
          return new BooleanColumn(out, nulls);
        });
  }

  /**
   * A text of an array.
   *
   * @param at its place from 0 on, or from −1 on back from the end
   * @param strict whether a place outside of the array fails the row, rather than being null
   */
  static Expression item(Expression operand, long at, boolean strict) {
    return Expression.of(
        SparkType.STRING,
        rows -> {
          StringArrayColumn in = (StringArrayColumn) operand.evaluate(rows);
          int[] codes = new int[rows.rows()];
          for (int row = 0; row < codes.length; row++) {
            codes[row] = -1;
            if (in.isNull(row)) {
              continue;
            }
            int length = in.length(row);
            long place = at < 0 ? length + at : at;
            if (place >= 0 && place < length) {
              codes[row] = in.codes()[in.starts()[in.rows()[row]] + (int) place];
            } else if (strict) {
              rows.fail(row, "Spark refuses a place outside of an array of %d".formatted(length));
            }
          }
          return new StringColumn(codes, in.dictionary());
        });
  }
}
