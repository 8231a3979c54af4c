package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/**
 * Addition, subtraction, multiplication and division: of 32-bit whole numbers in 32 bits, else in
 * doubles.
 */
record ArithmeticExpression(Operation operation, ValueType type, Expression left, Expression right)
    implements Expression {

  enum Operation {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/");

    private final String function;

    Operation(String function) {
      this.function = function;
    }

    static Operation of(String function) {
      for (Operation operation : values()) {
        if (operation.function.equals(function)) {
          return operation;
        }
      }
      throw new IllegalArgumentException(function);
    }

    double apply(double left, double right) {
      return switch (this) {
        case ADD -> left + right;
        case SUBTRACT -> left - right;
        case MULTIPLY -> left * right;
        case DIVIDE -> left / right;
      };
    }

    /** Throws an {@link ArithmeticException} on overflow, and on division by zero. */
    int applyExact(int left, int right) {
      return switch (this) {
        case ADD -> Math.addExact(left, right);
        case SUBTRACT -> Math.subtractExact(left, right);
        case MULTIPLY -> Math.multiplyExact(left, right);
        case DIVIDE -> left / right;
      };
    }
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    left.evaluate(frame, row, result);
    boolean missing = result.state == Cell.MISSING;
    double first = result.number;
    if (result.state == Cell.FAILED) {
      return;
    }
    right.evaluate(frame, row, result);
    if (result.state == Cell.FAILED || result.state == Cell.MISSING) {
      return;
    }
    if (missing) {
      result.setMissing();
      return;
    }
    switch (type.data()) {
      case INTEGER -> whole((int) first, (int) result.number, result);
      case FLOAT -> result.setNumber((float) operation.apply(first, result.number), type);
      default -> result.setNumber(operation.apply(first, result.number), type);
    }
  }

  private void whole(int first, int second, Cell result) {
    try {
      result.setNumber(operation.applyExact(first, second), type);
    } catch (ArithmeticException e) {
      result.fail("the function '" + operation.function + "' failed: " + e.getMessage());
    }
  }
}
