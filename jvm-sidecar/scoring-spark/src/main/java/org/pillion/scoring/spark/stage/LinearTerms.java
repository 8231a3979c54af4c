package org.pillion.scoring.spark.stage;

import org.pillion.scoring.spark.plan.Attribution;

/** Splits sums of coefficients times features into their terms, beside an intercept. */
final class LinearTerms {
  private LinearTerms() {}

  /** The terms of one sum. */
  static Attribution.Rule of(Dot dot, double intercept) {
    return (features, row, element, parts) -> {
      dot.terms(features, row, parts);
      return new Attribution.Sum(intercept, dot.product(features, row) + intercept);
    };
  }

  /** Those of a sum and its negative: raw predictions of the second class and of the first. */
  static Attribution.Rule ofTwoClasses(Dot dot, double intercept) {
    return mirrored(of(dot, intercept));
  }

  /** A rule for the second of two classes, made to give the negative for the first. */
  static Attribution.Rule mirrored(Attribution.Rule second) {
    return (features, row, element, parts) -> {
      Attribution.Sum sum = second.split(features, row, element, parts);
      if (element == 1) {
        return sum;
      }
      for (int i = 0; i < parts.length; i++) {
        parts[i] = -parts[i];
      }
      return new Attribution.Sum(-sum.base(), -sum.total());
    };
  }

  /** Those of one sum per class. */
  static Attribution.Rule ofClasses(Matrix matrix, double[] intercepts) {
    return (features, row, element, parts) -> {
      matrix.terms(features, row, element, parts);
      double[] margins = intercepts.clone();
      matrix.addProduct(features, row, margins, new double[margins.length]);
      return new Attribution.Sum(intercepts[element], margins[element]);
    };
  }
}
