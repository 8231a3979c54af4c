package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Attribution;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * What Spark's probabilistic classifiers share: raw predictions, probabilities made of them, and a
 * label made of either.
 */
final class Classifier {
  /** The raw predictions of rows. */
  interface Raw {
    /**
     * Writes them.
     *
     * @param rows positions of the rows, the first {@code count} of them; none is null
     * @param out takes those of each row at its position times the number of classes
     */
    void write(VectorColumn features, int[] rows, int count, double[] out);

    /**
     * Why Spark throws on the features of a row, as the ending of a sentence; null if it does not.
     */
    default String refusal(VectorColumn features, int row) {
      return null;
    }
  }

  /** The raw predictions of one row. */
  interface RowRaw {
    /**
     * Writes them.
     *
     * @param out takes them, from {@code start} on
     */
    void write(VectorColumn features, int row, double[] out, int start);
  }

  /** The raw predictions of rows, one after the other. */
  private record RowByRow(RowRaw rule, int classes) implements Raw {
    @Override
    public void write(VectorColumn features, int[] rows, int count, double[] out) {
      for (int i = 0; i < count; i++) {
        rule.write(features, rows[i], out, rows[i] * classes);
      }
    }
  }

  /** Turns raw predictions into probabilities, in place. */
  interface Probability {
    /** Replaces the numbers at {@code start} to {@code start + n}, exclusive. */
    void apply(double[] values, int start, int n);
  }

  /** The rules by which Spark picks a label. */
  interface Label {
    /** The label for raw predictions at {@code start} to {@code start + n}, exclusive. */
    double ofRaw(double[] raw, int start, int n);

    /** The label for probabilities at {@code start} to {@code start + n}, exclusive. */
    double ofProbability(double[] probability, int start, int n);
  }

  private final int classes;
  private final Slot features;
  private final Slot raw;
  private final Slot probability;
  private final Slot prediction;
  private final Raw rawRule;
  private final Probability probabilityRule;
  private final Label label;

  private Classifier(
      Element model, PlanBuilder plan, int classes, int size, Raw raw, Probability p, Label l) {
    this.classes = classes;
    this.features = plan.vectors(model.require("features"), size);
    this.raw = output(model, plan, "raw", SparkType.VECTOR);
    this.probability = p == null ? null : output(model, plan, "probability", SparkType.VECTOR);
    this.prediction = output(model, plan, "prediction", SparkType.DOUBLE);
    this.rawRule = raw;
    this.probabilityRule = p;
    this.label = l;
  }

  private Slot output(Element model, PlanBuilder plan, String attribute, SparkType type) {
    String name = model.attribute(attribute, "");
    return name.isEmpty()
        ? null
        : plan.define(name, type, type == SparkType.VECTOR ? classes : 0, List.of(features));
  }

  /**
   * Adds a classifier's kernel.
   *
   * @param classes number of classes
   * @param size length of the feature vectors
   * @param probability null where the model has no probabilities
   * @return the classifier, whose predictions can then be said to be split
   */
  static Classifier add(
      Element model,
      PlanBuilder plan,
      int classes,
      int size,
      RowRaw raw,
      Probability probability,
      Label label) {
    return addBatched(model, plan, classes, size, new RowByRow(raw, classes), probability, label);
  }

  /** Adds the kernel of a classifier that takes rows together. */
  static Classifier addBatched(
      Element model,
      PlanBuilder plan,
      int classes,
      int size,
      Raw raw,
      Probability probability,
      Label label) {
    Classifier classifier = new Classifier(model, plan, classes, size, raw, probability, label);
    plan.step(
        List.of(classifier.features),
        PlanBuilder.slots(classifier.raw, classifier.probability, classifier.prediction),
        classifier::run);
    return classifier;
  }

  /**
   * Says how its raw predictions are computed without vectors; to be called right after it was
   * added.
   *
   * @param direct null where there is no such way
   * @return this classifier
   */
  Classifier shorten(PlanBuilder plan, Direct direct) {
    if (direct != null) {
      plan.shorten(direct.shortcut((frame, scores) -> write(frame, scores, null)));
    }
    return this;
  }

  /**
   * Says how its raw predictions are split, and with them what is made of them; of two classes a
   * label stands for the second one's.
   *
   * @param rule null where trees have no values to split by
   */
  void attribute(
      PlanBuilder plan, Explanation.Method method, Explanation.Scale scale, Attribution.Rule rule) {
    if (rule == null) {
      PlanBuilder.slots(raw, probability, prediction)
          .forEach(slot -> plan.refuse(slot, TreePaths.NO_INNER_VALUES));
      return;
    }
    Attribution attribution = new Attribution(method, scale, features, rule);
    PlanBuilder.slots(raw, probability).forEach(slot -> plan.attribute(slot, attribution));
    if (prediction != null && classes != 2) {
      plan.refuse(prediction, "is a label of " + classes + " classes, which no one sum decides");
    } else if (prediction != null) {
      plan.attribute(
          prediction,
          new Attribution(
              method, scale, features, (in, row, none, parts) -> rule.split(in, row, 1, parts)));
    }
  }

  private void run(Frame frame) {
    VectorColumn in = frame.vectors(features.id());
    int rows = frame.rows();
    double[] scores = new double[Math.multiplyExact(rows, classes)];
    int[] sound = new int[rows];
    int count = 0;
    for (int row = 0; row < rows; row++) {
      if (!usable(frame, in, row, features)) {
        continue;
      }
      String refusal = rawRule.refusal(in, row);
      if (refusal == null) {
        sound[count++] = row;
      } else {
        frame.fail(row, features.id(), refusal);
      }
    }
    rawRule.write(in, sound, count, scores);
    write(frame, scores, in.nulls());
  }

  /** Fills the columns by the raw predictions of all rows. */
  private void write(Frame frame, double[] scores, boolean[] nulls) {
    int rows = frame.rows();
    double[] labels = needs(frame, prediction) ? new double[rows] : null;
    if (labels != null && (raw != null || probability == null)) {
      for (int row = 0; row < rows; row++) {
        labels[row] = label.ofRaw(scores, row * classes, classes);
      }
    }
    boolean keeps = needs(frame, raw);
    if (keeps) {
      frame.set(raw.id(), VectorColumn.ofDense(rows, classes, scores, nulls));
    }
    if (needs(frame, probability) || labels != null && raw == null && probability != null) {
      double[] shares = keeps ? scores.clone() : scores;
      for (int row = 0; row < rows; row++) {
        probabilityRule.apply(shares, row * classes, classes);
      }
      for (int row = 0; labels != null && raw == null && row < rows; row++) {
        labels[row] = label.ofProbability(shares, row * classes, classes);
      }
      frame.set(probability.id(), VectorColumn.ofDense(rows, classes, shares, nulls));
    }
    if (labels != null) {
      frame.set(prediction.id(), new DoubleColumn(labels, nulls));
    }
  }

  private static boolean needs(Frame frame, Slot slot) {
    return slot != null && frame.needs(slot.id());
  }

  /** Whether a row has features; if it has none, it fails, as Spark's models do on null. */
  static boolean usable(Frame frame, VectorColumn features, int row, Slot slot) {
    if (frame.failed(row)) {
      return false;
    }
    if (features.isNull(row)) {
      frame.fail(row, slot.id(), "a model met null features");
      return false;
    }
    return true;
  }

  /** Position of the largest number, the first of equal ones; NaN is never larger. */
  static int argmax(double[] values, int start, int n) {
    int best = 0;
    double max = values[start];
    for (int i = 1; i < n; i++) {
      if (values[start + i] > max) {
        max = values[start + i];
        best = i;
      }
    }
    return best;
  }

  /**
   * The usual rule: the largest raw prediction, or with thresholds the largest quotient of
   * probability and threshold.
   *
   * @param thresholds one per class, or null
   */
  static Label label(Element model, int classes, Probability probability) {
    if (!model.hasChild("thresholds")) {
      return new Label() {
        @Override
        public double ofRaw(double[] raw, int start, int n) {
          return argmax(raw, start, n);
        }

        @Override
        public double ofProbability(double[] shares, int start, int n) {
          return argmax(shares, start, n);
        }
      };
    }
    double[] thresholds = model.doubles("thresholds");
    if (thresholds.length != classes) {
      throw new InvalidModel(
          "the plan's %s has %d thresholds for %d classes"
              .formatted(model.name(), thresholds.length, classes));
    }
    return new Label() {
      @Override
      public double ofRaw(double[] raw, int start, int n) {
        double[] shares = Arrays.copyOfRange(raw, start, start + n);
        probability.apply(shares, 0, n);
        return ofProbability(shares, 0, n);
      }

      @Override
      public double ofProbability(double[] shares, int start, int n) {
        int best = 0;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
          double scaled = shares[start + i] / thresholds[i];
          if (scaled > max) {
            max = scaled;
            best = i;
          }
        }
        return best;
      }
    };
  }
}
