package org.pillion.scoring.jpmml;

import java.util.List;
import org.jpmml.model.UnsupportedMarkupException;
import org.pillion.scoring.InputField;
import org.pillion.scoring.Interval;

/**
 * Finds what the interpreter does not support, which it tells only of a row.
 *
 * <p>A document is refused where it supports neither a row of missing values nor one of ordinary
 * ones. What one row runs into says nothing about others: a rule set may have no rule for it, or a
 * tree no way on where a value is missing. Nor do faults of the document, which fail the rows that
 * meet them.
 */
final class Probe {
  private Probe() {}

  static void check(JpmmlScorer scorer) {
    List<InputField> inputs = scorer.contract().inputs();
    UnsupportedMarkupException refusal = refusal(scorer, new Object[inputs.size()]);
    if (refusal != null
        && refusal(scorer, inputs.stream().map(Probe::ordinary).toArray()) != null) {
      throw refusal;
    }
  }

  private static UnsupportedMarkupException refusal(JpmmlScorer scorer, Object[] row) {
    try {
      scorer.evaluate(row);
      return null;
    } catch (UnsupportedMarkupException e) {
      return e;
    } catch (RuntimeException | StackOverflowError e) {
      return null;
    }
  }

  private static Object ordinary(InputField field) {
    if (!field.values().isEmpty()) {
      return field.values().get(0);
    }
    double number = field.intervals().isEmpty() ? 0d : inside(field.intervals().get(0));
    return switch (field.type()) {
      case STRING -> "";
      case BOOLEAN -> false;
      case INTEGER -> (long) number;
      case FLOAT -> (float) number;
      case DOUBLE -> number;
    };
  }

  private static double inside(Interval interval) {
    double left = Double.isInfinite(interval.left()) ? interval.right() - 1d : interval.left();
    double right = Double.isInfinite(interval.right()) ? left + 1d : interval.right();
    return left + (right - left) / 2d;
  }
}
