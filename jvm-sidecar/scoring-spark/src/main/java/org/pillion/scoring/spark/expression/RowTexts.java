package org.pillion.scoring.spark.expression;

import java.util.List;
import java.util.function.Function;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;

/** Texts that are made row by row of the values of operands; null where one of them is. */
final class RowTexts {
  private final Evaluation rows;
  private final List<Values> columns;
  private int row;

  private RowTexts(Evaluation rows, List<Values> columns) {
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * An expression of such texts.
   *
   * @param operands texts and whole numbers
   * @param text makes the text of a row in which no operand is null
   */
  static Expression of(List<Expression> operands, Function<RowTexts, String> text) {
    return Expression.of(
        SparkType.STRING,
        rows ->
            new RowTexts(rows, operands.stream().map(operand -> operand.evaluate(rows)).toList())
                .column(text));
  }

  private StringColumn column(Function<RowTexts, String> text) {
    String[] out = new String[rows.rows()];
    boolean[] nulls = new boolean[out.length];
    for (row = 0; row < out.length; row++) {
      nulls[row] = hasNull();
      out[row] = nulls[row] ? null : text.apply(this);
    }
    return StringColumn.of(out, nulls);
  }

  private boolean hasNull() {
    for (Values column : columns) {
      if (column.isNull(row)) {
        return true;
      }
    }
    return false;
  }

  /** The row's text of an operand. */
  String text(int operand) {
    return ((StringColumn) columns.get(operand)).text(row);
  }

  /** The row's whole number of an operand. */
  long whole(int operand) {
    return ((LongColumn) columns.get(operand)).values()[row];
  }

  /** Fails the row; the text is of no meaning. */
  String refuse(String reason) {
    rows.fail(row, reason);
    return "";
  }
}
