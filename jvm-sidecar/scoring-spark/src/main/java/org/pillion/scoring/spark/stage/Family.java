package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.UnsupportedElement;

/** The range that a generalised linear model's family brings means into. */
interface Family {
  /** Spark's smallest mean. */
  double EPSILON = 1E-16;

  /** The mean that is nearest to a value and in the family's range. */
  double project(double mean);

  /** The family that an element names. */
  static Family of(Element model) {
    String name = model.require("family");
    return switch (name) {
      case "gaussian" ->
          mean ->
              mean == Double.NEGATIVE_INFINITY
                  ? -Double.MAX_VALUE
                  : mean == Double.POSITIVE_INFINITY ? Double.MAX_VALUE : mean;
      case "binomial" ->
          mean -> mean < EPSILON ? EPSILON : mean > 1.0 - EPSILON ? 1.0 - EPSILON : mean;
      case "poisson", "gamma", "tweedie" ->
          mean ->
              mean < EPSILON ? EPSILON : mean == Double.POSITIVE_INFINITY ? Double.MAX_VALUE : mean;
      default ->
          throw new UnsupportedElement("family", "the family '" + name + "' is not compiled");
    };
  }
}
