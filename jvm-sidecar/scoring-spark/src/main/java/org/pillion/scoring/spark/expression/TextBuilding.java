package org.pillion.scoring.spark.expression;

import java.util.List;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;

/** Texts that are joined, filled up and repeated, and places of one text in another. */
final class TextBuilding {
  /** A text of this length is no feature, and would not fit into memory row by row. */
  private static final int LONGEST = 1 << 20;

  private TextBuilding() {}

  /** Joins texts and the texts of arrays by a separator; those that are null are left out. */
  static Expression joined(List<Expression> operands) {
    return Expression.of(
        SparkType.STRING,
        rows -> {
          List<Values> columns = operands.stream().map(operand -> operand.evaluate(rows)).toList();
          StringColumn separators = (StringColumn) columns.get(0);
          String[] out = new String[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            nulls[row] = separators.isNull(row);
            out[row] = nulls[row] ? null : join(columns, separators.text(row), row);
          }
          return StringColumn.of(out, nulls);
        });
  }

  private static String join(List<Values> columns, String separator, int row) {
    StringBuilder out = new StringBuilder();
    boolean first = true;
    for (Values column : columns.subList(1, columns.size())) {
      if (column.isNull(row)) {
        continue;
      }
      int start = 0;
      int end = 1;
      if (column instanceof StringArrayColumn arrays) {
        start = arrays.starts()[arrays.rows()[row]];
        end = start + arrays.length(row);
      }
      for (int i = start; i < end; i++) {
        String text = text(column, row, i);
        if (text != null) {
          out.append(first ? "" : separator).append(text);
          first = false;
        }
      }
    }
    return out.toString();
  }

  private static String text(Values column, int row, int place) {
    if (column instanceof StringArrayColumn arrays) {
      int code = arrays.codes()[place];
      return code < 0 ? null : arrays.dictionary()[code];
    }
    return ((StringColumn) column).text(row);
  }

  /** Fills a text up to a length in code points, or cuts it to that. */
  static Expression padded(Expression operand, Expression length, Expression fill, boolean left) {
    return Expression.of(
        SparkType.STRING,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          LongColumn many = (LongColumn) length.evaluate(rows);
          StringColumn with = (StringColumn) fill.evaluate(rows);
          String[] out = new String[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            nulls[row] = in.isNull(row) || many.isNull(row) || with.isNull(row);
            if (nulls[row]) {
              continue;
            }
            out[row] = "";
            if (many.values()[row] > LONGEST) {
              rows.fail(row, "it is filled up to more than %d characters".formatted(LONGEST));
            } else if (many.values()[row] > 0) {
              out[row] = pad(in.text(row), (int) many.values()[row], with.text(row), left);
            }
          }
          return StringColumn.of(out, nulls);
        });
  }

  private static String pad(String text, int length, String fill, boolean left) {
    int count = text.codePointCount(0, text.length());
    if (count >= length || fill.isEmpty()) {
      return head(text, Math.min(count, length));
    }
    int missing = length - count;
    int size = fill.codePointCount(0, fill.length());
    String rest = fill.repeat(missing / size) + head(fill, missing % size);
    return left ? rest + text : text + rest;
  }

  private static String head(String text, int codePoints) {
    return text.substring(0, text.offsetByCodePoints(0, codePoints));
  }

  /** A text many times over; none where the number is not positive. */
  static Expression repeated(Expression operand, Expression times) {
    return Expression.of(
        SparkType.STRING,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          LongColumn many = (LongColumn) times.evaluate(rows);
          String[] out = new String[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            nulls[row] = in.isNull(row) || many.isNull(row);
            if (nulls[row]) {
              continue;
            }
            long count = Math.max(many.values()[row], 0L);
            out[row] = "";
            if (count * in.text(row).length() > LONGEST) {
              rows.fail(row, "it is repeated to more than %d characters".formatted(LONGEST));
            } else {
              out[row] = in.text(row).repeat(in.text(row).isEmpty() ? 0 : (int) count);
            }
          }
          return StringColumn.of(out, nulls);
        });
  }

  /** The place of a text in another in code points, from 1 on; 0 where it is not there. */
  static Expression position(Expression operand, Expression part) {
    return Expression.of(
        SparkType.INTEGER,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          StringColumn of = (StringColumn) part.evaluate(rows);
          long[] out = new long[rows.rows()];
          boolean[] nulls = Nulls.either(in.nulls(), of.nulls());
          for (int row = 0; row < out.length; row++) {
            if (nulls == null || !nulls[row]) {
              String text = in.text(row);
              int found = text.indexOf(of.text(row));
              out[row] = found < 0 ? 0 : 1 + text.codePointCount(0, found);
            }
          }
          return new LongColumn(out, nulls);
        });
  }
}
