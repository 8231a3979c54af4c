package org.pillion.scoring.compiled.spark.stage;

import java.util.List;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.compiled.spark.column.Frame;
import org.pillion.scoring.compiled.spark.column.Numbers;
import org.pillion.scoring.compiled.spark.column.SparkType;
import org.pillion.scoring.compiled.spark.column.Vectors;
import org.pillion.scoring.compiled.spark.plan.Attribution;
import org.pillion.scoring.compiled.spark.plan.Element;
import org.pillion.scoring.compiled.spark.plan.PlanBuilder;
import org.pillion.scoring.compiled.spark.plan.Slot;

/** What Spark's models of one number have in common. */
final class Regressor {
  /** The number of one row. */
  interface Rule {
    double predict(Vectors features, int row);
  }

  /** The number of one row, by its features as an array. */
  interface DenseRule {
    double predict(double[] features);
  }

  private Regressor() {}

  /**
   * Adds a kernel for a number that can be split.
   *
   * @param split null where trees have no values to split by
   */
  static void addSplit(
      Element model,
      PlanBuilder plan,
      int size,
      Rule rule,
      Explanation.Method method,
      Attribution.Rule split) {
    Slot target = add(model, plan, size, rule);
    if (target == null) {
      return;
    }
    if (split == null) {
      plan.refuse(target, TreePaths.NO_INNER_VALUES);
      return;
    }
    Slot features = plan.vectors(model.attribute("features"), size);
    plan.attribute(target, new Attribution(method, Explanation.Scale.PREDICTION, features, split));
  }

  /** Adds a kernel that computes the column {@code prediction}; null where the plan has none. */
  static Slot add(Element model, PlanBuilder plan, int size, Rule rule) {
    Slot features = plan.vectors(model.attribute("features"), size);
    String name = model.attribute("prediction", "");
    if (name.isEmpty()) {
      return null;
    }
    Slot target = plan.define(name, SparkType.DOUBLE, 0, List.of(features));
    plan.step(List.of(features), List.of(target), frame -> run(frame, features, target, rule));
    return target;
  }

  private static void run(Frame frame, Slot features, Slot target, Rule rule) {
    Vectors in = frame.vectors(features.id());
    double[] out = new double[frame.rows()];
    for (int row = 0; row < out.length; row++) {
      if (Classifier.usable(frame, in, row, features)) {
        out[row] = rule.predict(in, row);
      }
    }
    frame.set(target.id(), new Numbers(out, in.nulls()));
  }

  /** A rule that sees the features as an array of its thread's own. */
  static Rule dense(int size, DenseRule rule) {
    ThreadLocal<double[]> room = ThreadLocal.withInitial(() -> new double[size]);
    return (features, row) -> {
      double[] x = room.get();
      features.copyRow(row, x);
      return rule.predict(x);
    };
  }
}
