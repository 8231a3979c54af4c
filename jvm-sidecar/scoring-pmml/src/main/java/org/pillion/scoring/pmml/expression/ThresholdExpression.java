package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The function {@code threshold}: 1 where the first argument is the greater one, else 0. */
final class ThresholdExpression extends BinaryExpression {
  ThresholdExpression(ValueType type, Expression left, Expression right) {
    super(type, left, right);
  }

  @Override
  void apply(double first, double second, Cell result) {
    result.setBoolean(Double.compare(first, second) > 0);
  }
}
