package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** The function {@code sum} of doubles, which passes over missing ones. */
record SumExpression(Expression[] arguments) implements Expression {
  @Override
  public ValueType type() {
    return ValueType.CONTINUOUS_DOUBLE;
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    double sum = 0d;
    int count = 0;
    for (Expression argument : arguments) {
      argument.evaluate(frame, row, result);
      if (result.state == Cell.FAILED) {
        return;
      }
      if (result.hasValue()) {
        sum += result.number;
        count++;
      }
    }
    if (count == 0) {
      result.setMissing();
    } else {
      result.setNumber(sum, type());
    }
  }
}
