package org.pillion.scoring.pmml.model;

import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Scope;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.predicate.ConstantPredicate;
import org.pillion.scoring.pmml.predicate.Predicate;
import org.pillion.scoring.pmml.predicate.PredicateCompiler;

/**
 * {@code Segment}: a model, and the rows that it is for.
 *
 * @param model the model's element
 */
record Segment(Predicate predicate, Element model) {
  static Segment compile(Element element, Scope scope) {
    element.ignore("id");
    Element model = null;
    Predicate predicate = null;
    for (Element child : element.remaining()) {
      if (PredicateCompiler.isPredicate(child)) {
        if (predicate != null) {
          throw element.invalid("has more than one predicate");
        }
        predicate = PredicateCompiler.compile(child, scope);
      } else if (model == null) {
        model = child;
      } else {
        throw element.invalid("has more than one model");
      }
    }
    if (predicate == null || model == null) {
      throw element.invalid("has no predicate or no model");
    }
    return new Segment(predicate, model);
  }

  /** The element of a segment's model, which must be for all rows. */
  static Element always(Element element, Scope scope) {
    Segment segment = compile(element, scope);
    if (!segment.isAlways()) {
      throw element.unsupportedUse("not every row goes through it");
    }
    return segment.model();
  }

  /** Whether it is for all rows. */
  boolean isAlways() {
    return predicate == ConstantPredicate.ALWAYS;
  }

  /** The active rows that a predicate is true for; one that cannot be asked fails its row. */
  static boolean[] fits(Frame frame, Predicate predicate) {
    boolean[] fits = new boolean[frame.rows()];
    for (int row = 0; row < fits.length; row++) {
      if (frame.isActive(row)) {
        byte status = predicate.test(frame, row, frame.scratch);
        if (status == Predicate.FAILED) {
          frame.failPrediction(row, frame.scratch.reason);
        }
        fits[row] = status == Predicate.TRUE;
      }
    }
    return fits;
  }
}
