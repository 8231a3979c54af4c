package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.booster.FloatForest;
import org.pillion.scoring.spark.booster.FloatLinear;
import org.pillion.scoring.spark.booster.FloatMargins;
import org.pillion.scoring.spark.booster.FloatMath;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * The models of {@code xgboost.spark}: margins in single precision, and what the Python wrapper and
 * the objective make of them.
 */
final class XGBoost {
  /** Rows at a time, and numbers of them; their features stay in the processor's caches. */
  private static final int BLOCK = 64;

  private static final int ROOM = 1 << 16;

  /** What an objective makes of a margin. */
  private interface Link {
    float apply(float margin);
  }

  private final int size;
  private final int groups;
  private final float missing;
  private final float[] base;
  private final FloatMargins booster;

  private XGBoost(Element model) {
    size = model.count("size");
    base = FloatForest.floats(model.doubles("base"));
    groups = base.length;
    missing = (float) model.number("missing");
    // XGBoost's version is for people to read.
    model.require("version");
    if (groups == 0) {
      throw new InvalidModel("the plan's xgboost has no base");
    }
    booster =
        model.hasChild("linear")
            ? FloatLinear.of(model.requireChild("linear"), size, groups)
            : FloatForest.of(model, size, groups, model.flag("rebase") ? base : null);
  }

  static void compile(Element model, PlanBuilder plan) {
    boolean linear = model.hasChild("linear");
    XGBoost xgboost = new XGBoost(model);
    if (linear && !Float.isInfinite(xgboost.missing)) {
      xgboost.refuseInfinite(plan, plan.vectors(model.require("features"), xgboost.size));
    }
    String link = model.require("link");
    if (link.equals("classes")) {
      xgboost.classify(model, plan);
    } else {
      xgboost.regress(model, plan, link(model, link));
    }
  }

  private static Link link(Element model, String name) {
    return switch (name) {
      case "identity" -> margin -> margin;
      case "logistic" -> FloatMath::sigmoid;
      case "exp" -> FloatMath::exp;
      case "hinge" -> margin -> margin > 0.0f ? 1.0f : 0.0f;
      default -> throw model.unsupported("link");
    };
  }

  private void regress(Element model, PlanBuilder plan, Link link) {
    if (groups != 1) {
      throw new InvalidModel("the plan's xgboost predicts one number of %d".formatted(groups));
    }
    Regressor.add(
        model,
        plan,
        size,
        (vectors, rows, count, out) ->
            each(vectors, rows, count, (row, margins, at) -> out[row] = link.apply(margins[at])));
  }

  private void classify(Element model, PlanBuilder plan) {
    int classes = Math.max(groups, 2);
    Classifier.Probability probability = groups == 1 ? XGBoost::shares : FloatMath::softmax;
    Classifier.Raw raw =
        (vectors, rows, count, out) ->
            each(
                vectors,
                rows,
                count,
                (row, margins, at) -> {
                  if (groups == 1) {
                    out[2 * row] = -margins[at];
                    out[2 * row + 1] = margins[at];
                    return;
                  }
                  for (int i = 0; i < groups; i++) {
                    out[row * groups + i] = margins[at + i];
                  }
                });
    Classifier.addBatched(model, plan, classes, size, raw, probability, label(probability));
  }

  /** The shares of two classes, of the margins of both. */
  private static void shares(double[] values, int start, int n) {
    float second = FloatMath.expit((float) values[start + 1]);
    values[start] = 1.0f - second;
    values[start + 1] = second;
  }

  /** The most probable class, the first of equal ones, where NaN is the largest. */
  private static Classifier.Label label(Classifier.Probability probability) {
    return new Classifier.Label() {
      @Override
      public double ofRaw(double[] raw, int start, int n) {
        double[] shares = Arrays.copyOfRange(raw, start, start + n);
        probability.apply(shares, 0, n);
        return ofProbability(shares, 0, n);
      }

      @Override
      public double ofProbability(double[] shares, int start, int n) {
        int best = 0;
        for (int i = 1; i < n && !Double.isNaN(shares[start + best]); i++) {
          double share = shares[start + i];
          if (share > shares[start + best] || Double.isNaN(share)) {
            best = i;
          }
        }
        return best;
      }
    };
  }

  /** What takes the margins of a row, at a position of an array. */
  private interface Margins {
    void take(int row, float[] margins, int at);
  }

  private void each(VectorColumn vectors, int[] rows, int count, Margins target) {
    int block = Math.min(count, Math.max(1, Math.min(BLOCK, ROOM / Math.max(1, size))));
    double[] wide = new double[size];
    float[] x = new float[Math.multiplyExact(block, size)];
    float[] margins = new float[block * groups];
    for (int from = 0; from < count; from += block) {
      int taken = Math.min(count - from, block);
      for (int i = 0; i < taken; i++) {
        vectors.copyRow(rows[from + i], wide);
        narrow(wide, x, i * size);
        System.arraycopy(base, 0, margins, i * groups, groups);
      }
      booster.add(x, taken, margins);
      for (int i = 0; i < taken; i++) {
        target.take(rows[from + i], margins, i * groups);
      }
    }
  }

  /** The features as floats, NaN for missing ones. */
  private void narrow(double[] wide, float[] x, int at) {
    for (int i = 0; i < size; i++) {
      float value = (float) wide[i];
      x[at + i] = value == missing ? Float.NaN : value;
    }
  }

  /** XGBoost refuses infinite features where it copies them first, as for a linear booster. */
  private void refuseInfinite(PlanBuilder plan, Slot features) {
    plan.filter(List.of(features), frame -> failInfinite(frame, features));
  }

  private static void failInfinite(Frame frame, Slot features) {
    VectorColumn in = frame.vectors(features.id());
    for (int row = 0; row < frame.rows(); row++) {
      for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
        if (Float.isInfinite((float) in.values()[k])) {
          frame.fail(row, features.id(), "XGBoost's linear booster takes no infinite feature");
        }
      }
    }
  }
}
