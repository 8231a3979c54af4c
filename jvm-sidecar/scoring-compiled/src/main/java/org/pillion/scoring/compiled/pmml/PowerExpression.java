package org.pillion.scoring.compiled.pmml;

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
