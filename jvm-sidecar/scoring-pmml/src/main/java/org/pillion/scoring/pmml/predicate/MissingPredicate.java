package org.pillion.scoring.pmml.predicate;

import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;

/** The question whether a field is missing, or whether it is not. */
record MissingPredicate(Field field, boolean missing) implements Predicate {
  @Override
  public byte test(Frame frame, int row, Cell cell) {
    frame.values(field).get(row, cell);
    return cell.state == Cell.FAILED
        ? FAILED
        : Predicate.of((cell.state == Cell.MISSING) == missing);
  }
}
