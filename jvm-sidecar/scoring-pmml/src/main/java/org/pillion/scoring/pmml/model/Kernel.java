package org.pillion.scoring.pmml.model;

import org.pillion.pmml.Element;

/** The kernel of a support vector machine: how alike two vectors are. */
record Kernel(Kind kind, double gamma, double constant, double degree) {
  enum Kind {
    LINEAR,
    POLYNOMIAL,
    RADIAL,
    SIGMOID
  }

  /** The kernel that is the next child of a model. */
  static Kernel compile(Element element) {
    element.ignore("description");
    return switch (element.name()) {
      case "LinearKernelType" -> new Kernel(Kind.LINEAR, 0d, 0d, 0d);
      case "PolynomialKernelType" ->
          new Kernel(
              Kind.POLYNOMIAL,
              element.finite("gamma", 1d),
              element.finite("coef0", 1d),
              element.finite("degree", 1d));
      case "RadialBasisKernelType" -> new Kernel(Kind.RADIAL, element.finite("gamma", 1d), 0d, 0d);
      case "SigmoidKernelType" ->
          new Kernel(Kind.SIGMOID, element.finite("gamma", 1d), element.finite("coef0", 1d), 0d);
      default -> throw element.unsupported();
    };
  }

  double apply(double[] input, double[] vector) {
    return switch (kind) {
      case LINEAR -> product(input, vector);
      case POLYNOMIAL -> Math.pow(product(input, vector) * gamma + constant, degree);
      case RADIAL -> Math.exp(-distance(input, vector) * gamma);
      case SIGMOID -> Math.tanh(product(input, vector) * gamma + constant);
    };
  }

  private static double product(double[] left, double[] right) {
    double sum = 0d;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }

  private static double distance(double[] left, double[] right) {
    double sum = 0d;
    for (int i = 0; i < left.length; i++) {
      double difference = left[i] - right[i];
      sum += difference * difference;
    }
    return sum;
  }
}
