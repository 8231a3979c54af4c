package org.pillion.scoring.pmml.model;

import java.util.List;
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

  /** Starts a frame's predictions, all missing. */
  final Values start(Frame frame) {
    Values labels = new Values(label, frame.rows());
    java.util.Arrays.fill(labels.states, Cell.MISSING);
    frame.put(label, labels);
    return labels;
  }
}
