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
 * The models of {@code xgboost.spark} and {@code xgboost4j-spark}: margins in single precision, and
 * what the wrapper and the objective make of them.
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

  /** Whether the last element of a row's vector is the margin that it begins with. */
  private final boolean own;

  /** Whether the wrapper is that of the JVM, which makes doubles of what the objective gives. */
  private final boolean jvm;

  private final float[] base;
  private final FloatMargins booster;

  private XGBoost(Element model) {
    size = model.count("size");
    base = FloatForest.floats(model.doubles("base"));
    groups = base.length;
    missing = (float) model.number("missing");
    own = model.flag("own-margin", false);
    jvm = model.flag("jvm", false);
    // XGBoost's version is for people to read.
    model.require("version");
    if (groups == 0 || own && groups > 1) {
      throw new InvalidModel("the plan's xgboost has %d bases".formatted(groups));
    }
    booster =
        model.hasChild("linear")
            ? FloatLinear.of(model.requireChild("linear"), size, groups)
            : FloatForest.of(model, size, groups, model.flag("rebase") ? base : null);
  }

  static void compile(Element model, PlanBuilder plan) {
    boolean linear = model.hasChild("linear");
    XGBoost xgboost = new XGBoost(model);
    Slot features = plan.vectors(model.require("features"), xgboost.width());
    if ((linear || xgboost.jvm) && !Float.isInfinite(xgboost.missing)) {
      plan.filter(List.of(features), frame -> failInfinite(frame, features));
    }
    if (xgboost.jvm) {
      plan.filter(List.of(features), frame -> failSparse(frame, features));
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
        width(),
        (vectors, rows, count, out) ->
            each(vectors, rows, count, (row, margins, at) -> out[row] = link.apply(margins[at])),
        !jvm);
  }

  private void classify(Element model, PlanBuilder plan) {
    int classes = Math.max(groups, 2);
    Classifier.Probability probability = jvm ? ofObjective(model) : ofWrapper();
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
    Classifier.Label label =
        jvm ? Classifier.label(model, classes, probability) : label(probability);
    Classifier.addBatched(model, plan, classes, width(), raw, probability, label);
  }

  private Classifier.Probability ofWrapper() {
    return groups == 1 ? XGBoost::shares : FloatMath::softmax;
  }

  private Classifier.Probability ofObjective(Element model) {
    if (groups > 1) {
      return FloatMath::softmaxOfObjective;
    }
    Link link = link(model, model.require("share"));
    return (values, start, n) -> {
      values[start + 1] = link.apply((float) values[start + 1]);
      values[start] = 1.0 - values[start + 1];
    };
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

  /** Length of a row's vector. */
  private int width() {
    return own ? size + 1 : size;
  }

  private void each(VectorColumn vectors, int[] rows, int count, Margins target) {
    int block = Math.min(count, Math.max(1, Math.min(BLOCK, ROOM / Math.max(1, size))));
    double[] wide = new double[width()];
    float[] x = new float[Math.multiplyExact(block, size)];
    float[] margins = new float[block * groups];
    for (int from = 0; from < count; from += block) {
      int taken = Math.min(count - from, block);
      for (int i = 0; i < taken; i++) {
        vectors.copyRow(rows[from + i], wide);
        narrow(wide, x, i * size);
        if (own) {
          margins[i] = (float) wide[size];
        } else {
          System.arraycopy(base, 0, margins, i * groups, groups);
        }
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

  /** XGBoost refuses infinite features where it copies them first. */
  private static void failInfinite(Frame frame, Slot features) {
    VectorColumn in = frame.vectors(features.id());
    for (int row = 0; row < frame.rows(); row++) {
      for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
        if (Float.isInfinite((float) in.values()[k])) {
          frame.fail(row, features.id(), "XGBoost takes no infinite feature here");
        }
      }
    }
  }

  /** What the JVM's wrapper makes of a sparse vector differs from version to version. */
  private static void failSparse(Frame frame, Slot features) {
    VectorColumn in = frame.vectors(features.id());
    for (int row = 0; row < frame.rows(); row++) {
      if (!in.isNull(row) && !in.dense()[row]) {
        frame.fail(
            row,
            features.id(),
            "versions of xgboost4j-spark read a sparse vector differently; put a stage before that"
                + " makes vectors dense");
      }
    }
  }
}
