package org.pillion.scoring.spark.booster;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;

/** XGBoost's {@code gblinear}: the bias first, then features in order; missing ones add nothing. */
public final class FloatLinear implements FloatMargins {
  private final int features;
  private final int groups;

  /** Feature by feature, one a group, and the biases after the last feature. */
  private final float[] weights;

  private FloatLinear(int features, int groups, float[] weights) {
    this.features = features;
    this.groups = groups;
    this.weights = weights;
  }

  /**
   * Reads the numbers of an element.
   *
   * @param groups number of margins
   */
  public static FloatLinear of(Element linear, int features, int groups) {
    float[] weights = FloatForest.floats(linear.doubles());
    if (weights.length != (features + 1L) * groups) {
      throw new InvalidModel(
          "the plan has %d linear weights for %d features and %d groups"
              .formatted(weights.length, features, groups));
    }
    return new FloatLinear(features, groups, weights);
  }

  @Override
  public void add(float[] x, int rows, float[] margins) {
    for (int row = 0; row < rows; row++) {
      for (int group = 0; group < groups; group++) {
        float sum = weights[features * groups + group] + margins[row * groups + group];
        for (int i = 0; i < features; i++) {
          float value = x[row * features + i];
          if (!Float.isNaN(value)) {
            sum += value * weights[i * groups + group];
          }
        }
        margins[row * groups + group] = sum;
      }
    }
  }
}
