package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * What LightGBM's splits compare, made of the features: a feature is there once for each way in
 * which splits treat it, so that the trees need know nothing of missing values.
 *
 * <p>A missing value is −∞ for splits that send it to the left, and NaN for those that send it to
 * the right.
 */
final class SplitValues {
  /** Numbers whose size is at most this are zeros, as LightGBM has it. */
  private static final double ZERO = 1e-35f;

  private static final double NO_CATEGORY = -1.0;

  /** What splits compare of a feature. */
  private interface Treatment {
    double apply(double value);
  }

  private SplitValues() {}

  static void compile(Element stage, PlanBuilder plan) {
    Slot source = plan.vectors(stage.require("in"));
    List<Element> values = stage.children("value");
    int[] features = new int[values.size()];
    Treatment[] treatments = new Treatment[features.length];
    for (int i = 0; i < features.length; i++) {
      features[i] = values.get(i).count("feature");
      treatments[i] = treatment(values.get(i));
      if (features[i] >= source.size()) {
        throw new InvalidModel("the plan's splits compare a feature that its vector does not have");
      }
    }
    Slot target =
        VectorStage.add(
            stage,
            plan,
            source,
            features.length,
            (in, row, out) -> {
              for (int i = 0; i < features.length; i++) {
                out.add(i, treatments[i].apply(in.element(row, features[i])));
              }
              out.endDense();
              return null;
            });
    plan.origins(target, element -> plan.origin(source, features[element]));
  }

  private static Treatment treatment(Element value) {
    String missing = value.require("missing");
    if (missing.equals("category")) {
      return SplitValues::category;
    }
    if (missing.equals("none")) {
      return x -> Double.isNaN(x) || isZero(x) ? 0.0 : x;
    }
    double instead = value.flag("left") ? Double.NEGATIVE_INFINITY : Double.NaN;
    return switch (missing) {
      case "nan" -> x -> Double.isNaN(x) ? instead : isZero(x) ? 0.0 : x;
      case "zero" -> x -> Double.isNaN(x) || isZero(x) ? instead : x;
      default -> throw value.unsupported("missing");
    };
  }

  private static boolean isZero(double x) {
    return Math.abs(x) <= ZERO;
  }

  /** The whole part, unless it is negative or no number. */
  private static double category(double x) {
    return x > NO_CATEGORY ? (double) (long) x : NO_CATEGORY;
  }
}
