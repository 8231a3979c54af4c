package org.pillion.scoring.pmml.predicate;

import org.pillion.scoring.pmml.expression.ComparisonExpression;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Values;

/**
 * A comparison of a number by size.
 *
 * <p>All four comparisons become "not greater than a bound" or its opposite. That holds for NaN as
 * well, which the interpreter sorts above infinity: it is never at most the bound.
 *
 * @param bound a finite number, the neighbour of one, or infinity
 * @param above whether values above the bound fit, else those up to it
 */
public record ThresholdPredicate(Field field, double bound, boolean above) implements Predicate {
  static ThresholdPredicate of(Field field, ComparisonExpression.Order order, double constant) {
    return switch (order) {
      case LESS_OR_EQUAL -> new ThresholdPredicate(field, constant, false);
      case LESS -> new ThresholdPredicate(field, Math.nextDown(constant), false);
      case GREATER -> new ThresholdPredicate(field, constant, true);
      case GREATER_OR_EQUAL -> new ThresholdPredicate(field, Math.nextDown(constant), true);
    };
  }

  @Override
  public byte test(Frame frame, int row, Cell cell) {
    Values values = frame.values(field);
    if (values.hasValue(row)) {
      return Predicate.of(values.numbers[row] <= bound != above);
    }
    values.get(row, cell);
    return cell.state == Cell.MISSING ? UNKNOWN : FAILED;
  }
}
