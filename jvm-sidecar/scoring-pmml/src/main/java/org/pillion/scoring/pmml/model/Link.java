package org.pillion.scoring.pmml.model;

import org.pillion.scoring.pmml.field.MathContext;

/** The inverse of a link function, as regression models apply it to their sums. */
enum Link {
  NONE,
  LOGIT,
  EXP,
  CLOGLOG,
  LOGLOG,
  CAUCHIT,
  LOGC;

  double inverse(double value, MathContext math) {
    return switch (this) {
      case NONE -> value;
      case LOGIT -> math.logistic(value);
      case EXP -> math.exp(value);
      case CLOGLOG -> math.round(1d - math.exp(-math.exp(value)));
      case LOGLOG -> math.exp(-math.exp(-value));
      case CAUCHIT -> math.cauchit(value);
      case LOGC -> math.round(1d - math.exp(value));
    };
  }
}
