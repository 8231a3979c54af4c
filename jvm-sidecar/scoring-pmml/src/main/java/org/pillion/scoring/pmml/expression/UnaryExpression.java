package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** A function of one argument, which may not be missing. */
abstract class UnaryExpression implements Expression {
  private final ValueType type;
  private final Expression argument;

  UnaryExpression(ValueType type, Expression argument) {
    this.type = type;
    this.argument = argument;
  }

  /** Replaces the argument's value with the function's. */
  abstract void apply(Cell cell);

  @Override
  public final ValueType type() {
    return type;
  }

  @Override
  public final void evaluate(Frame frame, int row, Cell result) {
    argument.evaluate(frame, row, result);
    if (result.hasValue()) {
      apply(result);
    } else if (result.state == Cell.MISSING) {
      result.fail("the argument of a function is missing");
    }
  }
}
