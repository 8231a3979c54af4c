package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The function {@code not}. */
final class NotExpression extends UnaryExpression {
  NotExpression(Expression argument) {
    super(ValueType.BOOLEAN, argument);
  }

  @Override
  void apply(Cell cell) {
    cell.setBoolean(cell.number == 0d);
  }
}
