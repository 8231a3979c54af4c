package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The function {@code abs} of a double. */
final class AbsoluteExpression extends UnaryExpression {
  AbsoluteExpression(Expression argument) {
    super(ValueType.CONTINUOUS_DOUBLE, argument);
  }

  @Override
  void apply(Cell cell) {
    cell.setNumber(Math.abs(cell.number), type());
  }
}
