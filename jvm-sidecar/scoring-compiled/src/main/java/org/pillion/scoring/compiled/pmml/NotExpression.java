package org.pillion.scoring.compiled.pmml;

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
