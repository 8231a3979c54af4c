package org.pillion.scoring.spark.expression;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;

/** Functions of texts, computed once for each different text. */
final class TextFunctions {
  private TextFunctions() {}

  static Expression unary(String name, Expression operand) {
    return switch (name) {
      case "lower" -> mapped(operand, text -> text.toLowerCase(Locale.ROOT));
      case "upper" -> mapped(operand, text -> text.toUpperCase(Locale.ROOT));
      case "trim" -> mapped(operand, TextFunctions::trim);
      case "length" -> length(operand);
      default -> throw Expressions.unknown(name);
    };
  }

  /** Spark trims spaces only. */
  private static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && text.charAt(start) == ' ') {
      start++;
    }
    while (end > start && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(start, end);
  }

  private static Expression mapped(Expression operand, UnaryOperator<String> function) {
    return new Expression() {
      @Override
      public SparkType type() {
        return SparkType.STRING;
      }

      @Override
      public Values evaluate(Evaluation rows) {
        StringColumn in = (StringColumn) operand.evaluate(rows);
        String[] dictionary = new String[in.dictionary().length];
        for (int code = 0; code < dictionary.length; code++) {
          dictionary[code] = function.apply(in.dictionary()[code]);
        }
        return new StringColumn(in.codes(), dictionary);
      }
    };
  }

  /** Length in code points. */
  private static Expression length(Expression operand) {
    return new Expression() {
      @Override
      public SparkType type() {
        return SparkType.INTEGER;
      }

      @Override
      public Values evaluate(Evaluation rows) {
        StringColumn in = (StringColumn) operand.evaluate(rows);
        long[] out = new long[rows.rows()];
        for (int row = 0; row < out.length; row++) {
          String text = in.text(row);
          out[row] = text == null ? 0 : text.codePointCount(0, text.length());
        }
        return new LongColumn(out, in.nulls());
      }
    };
  }

  static Expression concat(List<Expression> operands) {
    return new Expression() {
      @Override
      public SparkType type() {
        return SparkType.STRING;
      }

      @Override
      public Values evaluate(Evaluation rows) {
        int n = rows.rows();
        StringBuilder[] builders = new StringBuilder[n];
        boolean[] nulls = new boolean[n];
        for (int row = 0; row < n; row++) {
          builders[row] = new StringBuilder();
        }
        for (Expression operand : operands) {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          for (int row = 0; row < n; row++) {
            nulls[row] |= in.isNull(row);
            builders[row].append(in.text(row));
          }
        }
        String[] out = new String[n];
        for (int row = 0; row < n; row++) {
          out[row] = nulls[row] ? null : builders[row].toString();
        }
        return StringColumn.of(out, nulls);
      }
    };
  }
}
