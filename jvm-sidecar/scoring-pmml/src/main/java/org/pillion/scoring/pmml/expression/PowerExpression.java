package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The function {@code pow} of doubles. */
final class PowerExpression extends BinaryExpression {
  PowerExpression(Expression left, Expression right) {
    super(ValueType.CONTINUOUS_DOUBLE, left, right);
  }

  @Override
  void apply(double first, double second, Cell result) {
    result.setNumber(Math.pow(first, second), type());
  }
}
