package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** The functions {@code and} and {@code or}: all arguments are evaluated, none may be missing. */
record LogicalExpression(String function, Expression[] arguments) implements Expression {
  @Override
  public ValueType type() {
    return ValueType.BOOLEAN;
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    boolean conjunction = function.equals("and");
    boolean value = conjunction;
    boolean missing = false;
    for (Expression argument : arguments) {
      argument.evaluate(frame, row, result);
      if (result.state == Cell.FAILED) {
        return;
      }
      if (result.state == Cell.MISSING) {
        missing = true;
      } else if (conjunction) {
        value &= result.number != 0d;
      } else {
        value |= result.number != 0d;
      }
    }
    if (missing) {
      result.fail("an argument of the function '" + function + "' is missing");
    } else {
      result.setBoolean(value);
    }
  }
}
