package org.pillion.scoring.compiled.pmml;

/** {@code True} and {@code False}. */
enum ConstantPredicate implements Predicate {
  ALWAYS,
  NEVER;

  @Override
  public byte test(Frame frame, int row, Cell cell) {
    return Predicate.of(this == ALWAYS);
  }
}
