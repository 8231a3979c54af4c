package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The functions that make a 32-bit whole number of a double. */
final class RoundingExpression extends UnaryExpression {
  enum Direction {
    FLOOR,
    CEIL,
    ROUND;

    static Direction of(String function) {
      return valueOf(function.toUpperCase(java.util.Locale.ROOT));
    }

    long apply(double value) {
      return switch (this) {
        case FLOOR -> (long) Math.floor(value);
        case CEIL -> (long) Math.ceil(value);
        case ROUND -> Math.round(value);
      };
    }
  }

  private final Direction direction;

  RoundingExpression(Direction direction, Expression argument) {
    super(ValueType.CONTINUOUS_INTEGER, argument);
    this.direction = direction;
  }

  @Override
  void apply(Cell cell) {
    long whole = direction.apply(cell.number);
    if (whole != (int) whole) {
      cell.fail("a number is too large to be rounded to 32 bits");
    } else {
      cell.setNumber(whole, type());
    }
  }
}
