package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/**
 * What a model predicts.
 *
 * @param name name of the field, or null for a model that predicts for the one around it only
 * @param type type of the predictions
 * @param values texts of the field's valid values; empty when none are declared
 * @param rescaling what is done to predicted numbers, or null
 * @param defaults elements that say what is predicted where nothing is found
 */
record Target(
    String name, ValueType type, List<String> values, Rescaling rescaling, List<Element> defaults) {
  /** {@code Target}: bounds, factor, constant and rounding, in this order. */
  record Rescaling(
      double min, double max, double factor, double constant, Rounding rounding, boolean bounded) {
    enum Rounding {
      NONE,
      ROUND,
      CEILING,
      FLOOR
    }

    static Rescaling compile(Element element) {
      boolean bounded = element.attribute("min") != null || element.attribute("max") != null;
      return new Rescaling(
          element.finite("min", Double.NEGATIVE_INFINITY),
          element.finite("max", Double.POSITIVE_INFINITY),
          element.finite("rescaleFactor", 1d),
          element.finite("rescaleConstant", 0d),
          rounding(element),
          bounded);
    }

    private static Rounding rounding(Element element) {
      String cast = element.attribute("castInteger");
      if (cast == null) {
        return Rounding.NONE;
      }
      return switch (cast) {
        case "round" -> Rounding.ROUND;
        case "ceiling" -> Rounding.CEILING;
        case "floor" -> Rounding.FLOOR;
        default -> throw element.unsupported("castInteger");
      };
    }

    double apply(double value, MathContext math) {
      double result = value;
      if (bounded) {
        result = Math.min(Math.max(result, math.round(min)), math.round(max));
      }
      result = math.round(result * math.round(factor));
      result = math.round(result + math.round(constant));
      return switch (rounding) {
        case NONE -> result;
        case ROUND -> math.whole(result);
        case CEILING -> Math.ceil(result);
        case FLOOR -> Math.floor(result);
      };
    }
  }

  /** Turns a computed number into a prediction of a row. */
  void predict(Frame frame, int row, double value, Values labels, MathContext math) {
    double rescaled = rescaling == null ? value : rescaling.apply(value, math);
    try {
      labels.numbers[row] =
          type.data() == DataType.DOUBLE ? rescaled : Casting.number(rescaled, type.data());
      labels.states[row] = Cell.VALID;
    } catch (IllegalArgumentException e) {
      frame.failPrediction(row, "its prediction is not of type " + Casting.name(type.data()));
    }
  }
}
