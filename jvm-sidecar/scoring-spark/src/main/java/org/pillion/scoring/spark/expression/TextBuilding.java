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
  static Expression padded(List<Expression> textLengthFill, boolean left) {
    return RowTexts.of(
        textLengthFill,
        row -> {
          long length = row.whole(1);
          if (length > LONGEST) {
            return row.refuse("it is filled up to more than %d characters".formatted(LONGEST));
          }
          return length > 0 ? pad(row.text(0), (int) length, row.text(2), left) : "";
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
  static Expression repeated(List<Expression> textTimes) {
    return RowTexts.of(
        textTimes,
        row -> {
          String text = row.text(0);
          long count = Math.max(row.whole(1), 0L);
          if (count * text.length() > LONGEST) {
            return row.refuse("it is repeated to more than %d characters".formatted(LONGEST));
          }
          return text.repeat(text.isEmpty() ? 0 : (int) count);
        });
  }

  /** The place of a text in another in code points, from 1 on; 0 where it is not there. */
  static Expression position(List<Expression> textPart) {
    return Expression.of(
        SparkType.INTEGER,
        rows -> {
          StringColumn in = (StringColumn) textPart.get(0).evaluate(rows);
          StringColumn of = (StringColumn) textPart.get(1).evaluate(rows);
          long[] out = new long[rows.rows()];
          boolean[] nulls = Nulls.either(in.nulls(), of.nulls());
          for (int row = 0; row < out.length; row++) {
            if (!Nulls.at(nulls, row)) {
              out[row] = place(in.text(row), of.text(row), 1);
            }
          }
          return new LongColumn(out, nulls);
        });
  }

  /** The same from a place on; 0 also where that is null, whatever the texts are. */
  static Expression positionFrom(List<Expression> textPartStart) {
    return Expression.of(
        SparkType.INTEGER,
        rows -> {
          StringColumn in = (StringColumn) textPartStart.get(0).evaluate(rows);
          StringColumn of = (StringColumn) textPartStart.get(1).evaluate(rows);
          LongColumn from = (LongColumn) textPartStart.get(2).evaluate(rows);
          long[] out = new long[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            nulls[row] = !from.isNull(row) && (in.isNull(row) || of.isNull(row));
            if (!nulls[row] && !from.isNull(row)) {
              out[row] = place(in.text(row), of.text(row), from.values()[row]);
            }
          }
          return new LongColumn(out, nulls);
        });
  }

  private static long place(String text, String part, long start) {
    if (start < 1) {
      return 0;
    }
    if (part.isEmpty()) {
      return 1;
    }
    int count = text.codePointCount(0, text.length());
    if (start > count) {
      return 0;
    }
    int found = text.indexOf(part, text.offsetByCodePoints(0, (int) start - 1));
    return found < 0 ? 0 : 1 + text.codePointCount(0, found);
  }

  /**
   * What is before the n-th occurrence of a delimiter, or for a negative n after the n-th from the
   * end; the whole text where it has fewer.
   */
  static Expression upTo(List<Expression> textDelimiterOccurrence) {
    return RowTexts.of(
        textDelimiterOccurrence,
        row -> {
          long count = row.whole(2);
          return count < -Integer.MAX_VALUE
              ? row.refuse("Spark counts no such number of occurrences")
              : upTo(row.text(0), row.text(1), count);
        });
  }

  /** Occurrences may overlap, as each is sought from the character after the last one's first. */
  private static String upTo(String text, String delimiter, long occurrence) {
    if (delimiter.isEmpty() || occurrence == 0) {
      return "";
    }
    int at = occurrence > 0 ? -1 : text.length() - delimiter.length() + 1;
    for (long left = Math.abs(occurrence); left > 0; left--) {
      at = occurrence > 0 ? text.indexOf(delimiter, at + 1) : text.lastIndexOf(delimiter, at - 1);
      if (at < 0) {
        return text;
      }
    }
    return occurrence > 0 ? text.substring(0, at) : text.substring(at + delimiter.length());
  }
}
