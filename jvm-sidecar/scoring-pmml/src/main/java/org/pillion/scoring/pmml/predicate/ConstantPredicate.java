package org.pillion.scoring.pmml.predicate;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;

/** {@code True} and {@code False}. */
public enum ConstantPredicate implements Predicate {
  ALWAYS,
  NEVER;

  @Override
  public byte test(Frame frame, int row, Cell cell) {
    return Predicate.of(this == ALWAYS);
  }
}
