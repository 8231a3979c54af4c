package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.ValueType;

/** The functions that compare by size; NaN lies above infinity. */
public final class ComparisonExpression extends BinaryExpression {
  public enum Order {
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL;

    public static Order of(String name) {
      return switch (name) {
        case "lessThan" -> LESS;
        case "lessOrEqual" -> LESS_OR_EQUAL;
        case "greaterThan" -> GREATER;
        case "greaterOrEqual" -> GREATER_OR_EQUAL;
        default -> throw new IllegalArgumentException(name);
      };
    }

    boolean holds(int comparison) {
      return switch (this) {
        case LESS -> comparison < 0;
        case LESS_OR_EQUAL -> comparison <= 0;
        case GREATER -> comparison > 0;
        case GREATER_OR_EQUAL -> comparison >= 0;
      };
    }
  }

  private final Order order;

  ComparisonExpression(Order order, Expression left, Expression right) {
    super(ValueType.BOOLEAN, left, right);
    this.order = order;
  }

  @Override
  void apply(double first, double second, Cell result) {
    double other = leftType() == DataType.FLOAT ? (float) second : second;
    result.setBoolean(order.holds(Double.compare(first, other)));
  }
}
