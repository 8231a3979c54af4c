package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** A compiled expression. Holds no state of a call. */
public interface Expression {
  /** Type of the values that come out. */
  ValueType type();

  /** Computes the value for a row. */
  void evaluate(Frame frame, int row, Cell result);
}
