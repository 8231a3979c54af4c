package org.pillion.scoring.pmml.field;

import org.pillion.pmml.Element;

/**
 * The precision of a model's own arithmetic, which its {@code x-mathContext} names.
 *
 * <p>Numbers of 32 bits are held as doubles. One of the four basic operations on two of them, done
 * in doubles and rounded, has the bits of the operation in 32 bits, since a double has more than
 * twice as many digits.
 */
public enum MathContext {
  DOUBLE {
    @Override
    public double round(double value) {
      return value;
    }

    @Override
    public double exp(double value) {
      return Math.exp(value);
    }

    @Override
    public double pi() {
      return Math.PI;
    }

    @Override
    public double whole(double value) {
      return Math.round(value);
    }
  },

  FLOAT {
    @Override
    public double round(double value) {
      return (float) value;
    }

    /** As the interpreter does, with e cut to the digits that 32 bits have. */
    @Override
    public double exp(double value) {
      return (float) Math.pow(2.7182817d, value);
    }

    @Override
    public double pi() {
      return (float) 3.1415927d;
    }

    @Override
    public double whole(double value) {
      return (float) Math.round((float) value);
    }
  };

  public static MathContext of(Element model) {
    return switch (model.attribute("x-mathContext", "double")) {
      case "double" -> DOUBLE;
      case "float" -> FLOAT;
      default -> throw model.unsupported("x-mathContext");
    };
  }

  /** A result of a basic operation on numbers of this precision. */
  public abstract double round(double value);

  public abstract double exp(double value);

  abstract double pi();

  /** The nearest whole number. */
  public abstract double whole(double value);

  public double logistic(double value) {
    return round(1d / round(1d + exp(-value)));
  }

  public double cauchit(double value) {
    return round(0.5d + round(round(1d / pi()) * round(Math.atan(value))));
  }

  /** Values of this precision. */
  public double[] round(double[] values) {
    double[] rounded = values.clone();
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = round(rounded[i]);
    }
    return rounded;
  }
}
