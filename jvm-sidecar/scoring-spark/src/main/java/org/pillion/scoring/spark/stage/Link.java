package org.pillion.scoring.spark.stage;

import org.apache.commons.math3.special.Erf;
import org.pillion.pmml.Element;
import org.pillion.scoring.UnsupportedElement;

/** The inverse of a generalised linear model's link function. */
interface Link {
  /** A standard normal distribution's 1 / √(1/2), as Breeze has it. */
  double SQRT_2 = Math.sqrt(2.0);

  /** The mean of a linear predictor. */
  double unlink(double eta);

  /** The link that an element names. */
  static Link of(Element model) {
    String name = model.require("link");
    return switch (name) {
      case "identity" -> eta -> eta;
      case "logit" -> eta -> 1.0 / (1.0 + Math.exp(-1.0 * eta));
      case "probit" -> eta -> 0.5 * (1.0 + Erf.erf((eta - 0.0) / SQRT_2));
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
