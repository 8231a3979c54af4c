package org.pillion.scoring.pmml.predicate;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;

/** {@code CompoundPredicate}: all of its parts are evaluated, save those after a known one. */
record CompoundPredicate(Operator operator, Predicate[] parts) implements Predicate {
  enum Operator {
    AND,
    OR,
    XOR,
    SURROGATE
  }

  @Override
  public byte test(Frame frame, int row, Cell cell) {
    byte result = parts[0].test(frame, row, cell);
    for (int i = 1; i < parts.length && result != FAILED; i++) {
      if (operator == Operator.SURROGATE && result != UNKNOWN) {
        return result;
      }
      byte next = parts[i].test(frame, row, cell);
      result = next == FAILED ? FAILED : combine(result, next);
    }
    return result;
  }

  private byte combine(byte left, byte right) {
    return switch (operator) {
      case AND -> left == FALSE || right == FALSE ? FALSE : left == TRUE ? right : UNKNOWN;
      case OR -> left == TRUE || right == TRUE ? TRUE : left == FALSE ? right : UNKNOWN;
      case XOR -> left == UNKNOWN || right == UNKNOWN ? UNKNOWN : Predicate.of(left != right);
      case SURROGATE -> right;
    };
  }
}
