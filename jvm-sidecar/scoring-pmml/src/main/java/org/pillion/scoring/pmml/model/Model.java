package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.Values;

/** A compiled model: fills in the predictions of the rows that are still active. */
abstract class Model implements Step {
  private final Field label;
  private final Categories categories;

  /**
   * A model.
   *
   * @param label field of the predictions
   * @param categories the classes with a probability, or null
   */
  Model(Field label, Categories categories) {
    this.label = label;
    this.categories = categories;
  }

  final Field label() {
    return label;
  }

  final Categories categories() {
    return categories;
  }

  /** The classes that it may predict, or null where it predicts none. */
  List<Object> classes() {
    return categories == null ? null : categories.keys();
  }

  /**
   * The field of a result beside the prediction, or null where this model has none of that kind.
   *
   * @param feature name of the kind
   * @param output the element that asks for it and may say more
   */
  Field result(ModelContext context, String feature, Element output) {
    return null;
  }

  /** Makes sure that an output asks for the first one of a ranking. */
  static void requireFirst(Element output) {
    if (!output.attribute("rank", "1").equals("1")) {
      throw output.unsupported("rank");
    }
  }

  /** Whether every row has probabilities of the same classes. */
  boolean sameClasses() {
    return true;
  }

  /** Starts a frame's predictions, all missing. */
  final Values start(Frame frame) {
    return start(frame, label);
  }

  /** Starts a frame's values of one of the model's fields, all missing. */
  static Values start(Frame frame, Field field) {
    Values values = new Values(field, frame.rows());
    java.util.Arrays.fill(values.states, Cell.MISSING);
    frame.put(field, values);
    return values;
  }
}
