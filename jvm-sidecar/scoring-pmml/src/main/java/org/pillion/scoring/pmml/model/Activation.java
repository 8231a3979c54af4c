package org.pillion.scoring.pmml.model;

import org.pillion.pmml.Element;

/**
 * The activation function of a neural layer.
 *
 * @param threshold of the function of that name
 */
record Activation(Function function, double threshold) {
  private enum Function {
    THRESHOLD,
    LOGISTIC,
    TANH,
    IDENTITY,
    EXPONENTIAL,
    RECIPROCAL,
    SQUARE,
    GAUSS,
    SINE,
    COSINE,
    ELLIOTT,
    ARCTAN,
    RECTIFIER,
    RADIAL_BASIS
  }

  static Activation compile(Element network, Element layer) {
    Element element = NeuralLayer.declaring(network, layer, "activationFunction");
    Function function =
        switch (element.require("activationFunction")) {
          case "threshold" -> Function.THRESHOLD;
          case "logistic" -> Function.LOGISTIC;
          case "tanh" -> Function.TANH;
          case "identity" -> Function.IDENTITY;
          case "exponential" -> Function.EXPONENTIAL;
          case "reciprocal" -> Function.RECIPROCAL;
          case "square" -> Function.SQUARE;
          case "Gauss" -> Function.GAUSS;
          case "sine" -> Function.SINE;
          case "cosine" -> Function.COSINE;
          case "Elliott" -> Function.ELLIOTT;
          case "arctan" -> Function.ARCTAN;
          case "rectifier" -> Function.RECTIFIER;
          case "radialBasis" -> Function.RADIAL_BASIS;
          default -> throw element.unsupported("activationFunction");
        };
    if (function == Function.THRESHOLD) {
      Element declaring = NeuralLayer.declaring(network, layer, "threshold");
      return new Activation(function, declaring.finite("threshold", 0d));
    }
    return new Activation(function, 0d);
  }

  /** Whether it is one of distances, which {@link #apply} does not compute. */
  boolean isRadial() {
    return function == Function.RADIAL_BASIS;
  }

  double apply(double value) {
    return switch (function) {
      case THRESHOLD -> value > threshold ? 1d : 0d;
      case LOGISTIC -> 1d / (1d + Math.exp(-value));
      case TANH -> Math.tanh(value);
      case IDENTITY -> value;
      case EXPONENTIAL -> Math.exp(value);
      case RECIPROCAL -> 1d / value;
      case SQUARE -> value * value;
      case GAUSS -> Math.exp(-(value * value));
      case SINE -> Math.sin(value);
      case COSINE -> Math.cos(value);
      case ELLIOTT -> value / (1d + Math.abs(value));
      case ARCTAN -> 2d * Math.atan(value) / Math.PI;
      case RECTIFIER -> Math.max(value, 0d);
      case RADIAL_BASIS -> throw new IllegalStateException();
    };
  }
}
