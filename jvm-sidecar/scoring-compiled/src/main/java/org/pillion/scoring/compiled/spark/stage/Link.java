package org.pillion.scoring.compiled.spark.stage;

import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.compiled.spark.plan.Element;

/** The inverse of a generalised linear model's link function. */
interface Link {
  /** The mean of a linear predictor. */
  double unlink(double eta);

  /** The link that an element names. */
  static Link of(Element model) {
    String name = model.attribute("link");
    return switch (name) {
      case "identity" -> eta -> eta;
      case "logit" -> eta -> 1.0 / (1.0 + Math.exp(-1.0 * eta));
      case "log" -> Math::exp;
      case "inverse" -> eta -> 1.0 / eta;
      case "cloglog" -> eta -> 1.0 - Math.exp(-1.0 * Math.exp(eta));
      case "sqrt" -> eta -> eta * eta;
      case "power" -> {
        double power = model.number("link-power");
        yield power == 0.0 ? Math::exp : eta -> Math.pow(eta, 1.0 / power);
      }
      default ->
          throw new UnsupportedElement("link", "the link function '" + name + "' is not compiled");
    };
  }
}
