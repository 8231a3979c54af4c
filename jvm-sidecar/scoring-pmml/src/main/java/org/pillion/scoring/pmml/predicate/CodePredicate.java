package org.pillion.scoring.pmml.predicate;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Dictionary;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Values;

/**
 * A comparison of a field with some of its values.
 *
 * @param accepted by the field's code; codes beyond are like {@link Dictionary#OTHER}
 */
public record CodePredicate(Field field, boolean[] accepted) implements Predicate {
  static CodePredicate of(Field field, int[] codes, boolean negated) {
    boolean[] accepted = new boolean[field.dictionary().size()];
    java.util.Arrays.fill(accepted, negated);
    for (int code : codes) {
      accepted[code] = !negated;
    }
    return new CodePredicate(field, accepted);
  }

  public boolean accepts(int code) {
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
