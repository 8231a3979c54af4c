package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The functions {@code equal} and {@code notEqual}; NaN equals itself. */
final class EqualityExpression extends BinaryExpression {
  private final boolean negated;

  EqualityExpression(Expression left, Expression right, boolean negated) {
    super(ValueType.BOOLEAN, left, right);
    this.negated = negated;
  }

  @Override
  void apply(double first, double second, Cell result) {
    result.setBoolean((Double.compare(first, second) == 0) != negated);
  }

  @Override
  void applyText(String first, String second, Cell result) {
    result.setBoolean(first.equals(second) != negated);
  }
}
