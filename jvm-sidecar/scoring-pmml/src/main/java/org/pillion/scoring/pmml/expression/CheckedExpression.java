package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** A function whose result must not be invalid; NaN is. */
record CheckedExpression(String function, Expression applied) implements Expression {
  @Override
  public ValueType type() {
    return applied.type();
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    applied.evaluate(frame, row, result);
    if (result.state == Cell.INVALID) {
      result.fail("the function '" + function + "' returned an invalid value");
    }
  }
}
