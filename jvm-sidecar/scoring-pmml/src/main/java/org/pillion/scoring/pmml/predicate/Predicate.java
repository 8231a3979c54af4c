package org.pillion.scoring.pmml.predicate;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;

/** A condition that may also be unknown. Holds no state of a call. */
public interface Predicate {
  byte FALSE = 0;
  byte TRUE = 1;
  byte UNKNOWN = 2;

  /** A field that the condition needs has failed, with the reason in the cell. */
  byte FAILED = 3;

  byte test(Frame frame, int row, Cell cell);

  static byte of(boolean value) {
    return value ? TRUE : FALSE;
  }
}
