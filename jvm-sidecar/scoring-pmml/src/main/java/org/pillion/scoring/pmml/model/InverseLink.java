package org.pillion.scoring.pmml.model;

import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.MathContext;

/**
 * The inverse of a general regression's link function.
 *
 * @param link the function, or null for the power with an exponent
 * @param power the exponent; 0 for the logarithm
 */
record InverseLink(Link link, double power) {
  static final InverseLink IDENTITY = new InverseLink(Link.NONE, 0d);

  static InverseLink compile(Element element) {
    String name = element.require("linkFunction");
    if (name.equals("power")) {
      return new InverseLink(null, element.finite("linkParameter"));
    }
    element.ignore("linkParameter");
    Link link =
        switch (name) {
          case "identity" -> Link.NONE;
          case "log" -> Link.EXP;
          case "logit" -> Link.LOGIT;
          case "cloglog" -> Link.CLOGLOG;
          case "loglog" -> Link.LOGLOG;
          case "logc" -> Link.LOGC;
          default -> throw element.unsupported("linkFunction");
        };
    return new InverseLink(link, 0d);
  }

  double apply(double value) {
    if (link != null) {
      return link.inverse(value, MathContext.DOUBLE);
    }
    return power == 0d ? Math.exp(value) : Math.pow(value, 1d / power);
  }
}
