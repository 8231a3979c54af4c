package org.pillion.scoring.pmml.model;

/** The inverse of a link function, as regression models apply it to their sums. */
enum Link {
  NONE,
  LOGIT,
  EXP,
  CLOGLOG,
  LOGLOG,
  CAUCHIT,
  LOGC;

  double inverse(double value) {
    return switch (this) {
      case NONE -> value;
      case LOGIT -> 1d / (1d + Math.exp(-value));
      case EXP -> Math.exp(value);
      case CLOGLOG -> 1d - Math.exp(-Math.exp(value));
      case LOGLOG -> Math.exp(-Math.exp(-value));
      case CAUCHIT -> 0.5d + (1d / Math.PI) * Math.atan(value);
      case LOGC -> 1d - Math.exp(value);
    };
  }
}
