package org.pillion.scoring.compiled.pmml;

/**
 * A comparison of a field with some of its values.
 *
 * @param accepted by the field's code; codes beyond are like {@link Dictionary#OTHER}
 */
record CodePredicate(Field field, boolean[] accepted) implements Predicate {
  static CodePredicate of(Field field, int[] codes, boolean negated) {
    boolean[] accepted = new boolean[field.dictionary().size()];
    java.util.Arrays.fill(accepted, negated);
    for (int code : codes) {
      accepted[code] = !negated;
    }
    return new CodePredicate(field, accepted);
  }

  boolean accepts(int code) {
    return accepted[code < accepted.length ? code : Dictionary.OTHER];
  }

  @Override
  public byte test(Frame frame, int row, Cell cell) {
    Values values = frame.values(field);
    if (values.hasValue(row)) {
      return Predicate.of(accepts(values.codes()[row]));
    }
    values.get(row, cell);
    return cell.state == Cell.MISSING ? UNKNOWN : FAILED;
  }
}
