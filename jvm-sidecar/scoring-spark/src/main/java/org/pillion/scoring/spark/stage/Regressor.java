package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Attribution;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** What Spark's models of one number have in common. */
final class Regressor {
  /** The numbers of rows. */
  interface Rule {
    /**
     * Computes them.
     *
     * @param rows positions of the rows, the first {@code count} of them; none is null
     * @param out takes the number of each row at its position
     */
    void predict(VectorColumn features, int[] rows, int count, double[] out);
  }

  /** The number of one row. */
  interface RowRule {
    double predict(VectorColumn features, int row);

    /** Those of several rows, one after the other. */
    default Rule ofRows() {
      return (features, rows, count, out) -> {
        for (int i = 0; i < count; i++) {
          out[rows[i]] = predict(features, rows[i]);
        }
      };
    }
  }

  private Regressor() {}

  /**
   * Adds a kernel for a number that can be split.
   *
   * @param direct the same numbers without the vectors; null where there is no such way
   * @param split null where trees have no values to split by
   */
  static void addSplit(
      Element model,
      PlanBuilder plan,
      int size,
      Rule rule,
      Direct direct,
      Explanation.Method method,
      Attribution.Rule split) {
    Slot target = add(model, plan, size, rule);
    if (target == null) {
      return;
    }
    if (direct != null) {
      plan.shorten(
          direct.shortcut((frame, out) -> frame.set(target.id(), new DoubleColumn(out, null))));
    }
    if (split == null) {
      plan.refuse(target, TreePaths.NO_INNER_VALUES);
      return;
    }
    Slot features = plan.vectors(model.require("features"), size);
    plan.attribute(target, new Attribution(method, Explanation.Scale.PREDICTION, features, split));
  }

  /** Adds a kernel that computes the column {@code prediction}; null where the plan has none. */
  static Slot add(Element model, PlanBuilder plan, int size, Rule rule) {
    return add(model, plan, size, rule, false);
  }

  /**
   * The same.
   *
   * @param nanIsNull whether NaN becomes null, as it does where Spark takes numbers from Python
   */
  static Slot add(Element model, PlanBuilder plan, int size, Rule rule, boolean nanIsNull) {
    Slot features = plan.vectors(model.require("features"), size);
    String name = model.attribute("prediction", "");
    if (name.isEmpty()) {
      return null;
    }
    Slot target = plan.define(name, SparkType.DOUBLE, 0, List.of(features));
    plan.step(
        List.of(features), List.of(target), frame -> run(frame, features, target, rule, nanIsNull));
    return target;
  }

  private static void run(Frame frame, Slot features, Slot target, Rule rule, boolean nanIsNull) {
    VectorColumn in = frame.vectors(features.id());
    double[] out = new double[frame.rows()];
    int[] sound = new int[out.length];
    int count = 0;
    for (int row = 0; row < out.length; row++) {
      if (Classifier.usable(frame, in, row, features)) {
        sound[count++] = row;
      }
    }
    rule.predict(in, sound, count, out);
    boolean[] nulls = in.nulls();
    if (nanIsNull && Arrays.stream(out).anyMatch(Double::isNaN)) {
      nulls = nulls == null ? new boolean[out.length] : nulls.clone();
      for (int row = 0; row < out.length; row++) {
        nulls[row] |= Double.isNaN(out[row]);
      }
    }
    frame.set(target.id(), new DoubleColumn(out, nulls));
  }
}
