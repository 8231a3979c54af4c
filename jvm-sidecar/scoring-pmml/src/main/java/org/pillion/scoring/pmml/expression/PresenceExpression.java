package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** The functions that ask whether a value is there, and whether it is valid. */
record PresenceExpression(Test test, Expression argument) implements Expression {
  enum Test {
    MISSING,
    NOT_MISSING,
    VALID,
    NOT_VALID;

    static Test of(String function) {
      return switch (function) {
        case "isMissing" -> MISSING;
        case "isNotMissing" -> NOT_MISSING;
        case "isValid" -> VALID;
        case "isNotValid" -> NOT_VALID;
        default -> throw new IllegalArgumentException(function);
      };
    }

    boolean holds(byte state) {
      return switch (this) {
        case MISSING -> state == Cell.MISSING;
        case NOT_MISSING -> state != Cell.MISSING;
        case VALID -> state == Cell.VALID;
        case NOT_VALID -> state == Cell.INVALID;
      };
    }
  }

  @Override
  public ValueType type() {
    return ValueType.BOOLEAN;
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    argument.evaluate(frame, row, result);
    if (result.state != Cell.FAILED) {
      result.setBoolean(test.holds(result.state));
    }
  }
}
