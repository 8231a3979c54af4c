package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/**
 * The function {@code if}: evaluates one of its results only.
 *
 * @param otherwise result for false, or null for a missing value
 */
record IfExpression(Expression condition, Expression then, Expression otherwise)
    implements Expression {
  @Override
  public ValueType type() {
    return then.type();
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    condition.evaluate(frame, row, result);
    if (result.state == Cell.FAILED) {
      return;
    }
    if (result.state == Cell.MISSING) {
      result.fail("the condition of the function 'if' is missing");
    } else if (result.number != 0d) {
      then.evaluate(frame, row, result);
    } else if (otherwise == null) {
      result.setMissing();
    } else {
      otherwise.evaluate(frame, row, result);
    }
  }
}
