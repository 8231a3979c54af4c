package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** A function of two arguments, none of which may be missing. */
abstract class BinaryExpression implements Expression {
  private final ValueType type;
  private final Expression left;
  private final Expression right;

  BinaryExpression(ValueType type, Expression left, Expression right) {
    this.type = type;
    this.left = left;
    this.right = right;
  }

  abstract void apply(double first, double second, Cell result);

  void applyText(String first, String second, Cell result) {
    throw new IllegalStateException();
  }

  DataType leftType() {
    return left.type().data();
  }

  @Override
  public final ValueType type() {
    return type;
  }

  @Override
  public final void evaluate(Frame frame, int row, Cell result) {
    left.evaluate(frame, row, result);
    if (result.state == Cell.FAILED) {
      return;
    }
    boolean missing = result.state == Cell.MISSING;
    double first = result.number;
    String firstText = result.text;
    right.evaluate(frame, row, result);
    if (result.state == Cell.FAILED) {
      return;
    }
    if (missing || result.state == Cell.MISSING) {
      result.fail("an argument of a function is missing");
    } else if (leftType() == DataType.STRING) {
      applyText(firstText, result.text, result);
    } else {
      apply(first, result.number, result);
    }
  }
}
