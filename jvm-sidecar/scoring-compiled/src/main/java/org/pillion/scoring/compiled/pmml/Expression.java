package org.pillion.scoring.compiled.pmml;

/** A compiled expression. Holds no state of a call. */
interface Expression {
  /** Type of the values that come out. */
  ValueType type();

  /** Computes the value for a row. */
  void evaluate(Frame frame, int row, Cell result);
}
