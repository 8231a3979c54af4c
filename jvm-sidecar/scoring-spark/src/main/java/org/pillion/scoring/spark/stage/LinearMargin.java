package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * Two classes told apart by a dot product and an intercept: the second's margin, and its negative.
 */
final class LinearMargin {
  /** The margins of both classes. */
  private record Margins(LinearSum sum) implements Direct {
    @Override
    public List<Slot> columns() {
      return sum.columns();
    }

    @Override
    public double[] compute(Frame frame) {
      double[] sums = sum.compute(frame);
      if (sums == null) {
        return null;
      }
      double[] both = new double[2 * sums.length];
      for (int row = 0; row < sums.length; row++) {
        both[2 * row] = -sums[row];
        both[2 * row + 1] = sums[row];
      }
      return both;
    }
  }

  private LinearMargin() {}

  /**
   * Adds a classifier's kernel, and how its margin is split.
   *
   * @param probability null where the model has no probabilities
   */
  static void add(
      Element model, PlanBuilder plan, Classifier.Probability probability, Classifier.Label label) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
    LinearSum sum =
        LinearSum.of(plan, plan.vectors(model.require("features"), dot.size()), dot, intercept);
    Classifier.add(
            model,
            plan,
            2,
            dot.size(),
            (features, row, out, start) -> {
              double margin = dot.product(features, row) + intercept;
              out[start] = -margin;
              out[start + 1] = margin;
            },
            probability,
            label)
        .shorten(plan, sum == null ? null : new Margins(sum))
        .attribute(
            plan,
            Explanation.Method.LINEAR,
            Explanation.Scale.MARGIN,
            LinearTerms.ofTwoClasses(dot, intercept));
  }
}
