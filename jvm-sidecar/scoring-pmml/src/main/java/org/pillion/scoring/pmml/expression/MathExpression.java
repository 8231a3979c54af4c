package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The functions that are one call of {@link Math}. */
final class MathExpression extends UnaryExpression {
  enum Operation {
    LN,
    LN1P,
    LOG10,
    EXP,
    EXPM1,
    SQRT;

    static Operation of(String function) {
      return valueOf(function.toUpperCase(java.util.Locale.ROOT));
    }

    double apply(double value) {
      return switch (this) {
        case LN -> Math.log(value);
        case LN1P -> Math.log1p(value);
        case LOG10 -> Math.log10(value);
        case EXP -> Math.exp(value);
        case EXPM1 -> Math.expm1(value);
        case SQRT -> Math.sqrt(value);
      };
    }
  }

  private final Operation operation;

  MathExpression(Operation operation, Expression argument) {
    super(ValueType.CONTINUOUS_DOUBLE, argument);
    this.operation = operation;
  }

  @Override
  void apply(Cell cell) {
    cell.setNumber(operation.apply(cell.number), type());
  }
}
