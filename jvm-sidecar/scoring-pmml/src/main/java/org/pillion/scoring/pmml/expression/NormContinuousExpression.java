package org.pillion.scoring.pmml.expression;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** {@code NormContinuous}: a field on a piecewise linear scale. */
final class NormContinuousExpression implements Expression {
  private enum Outliers {
    AS_IS,
    MISSING,
    EXTREME
  }

  private final Field field;
  private final double[] origins;
  private final double[] norms;
  private final Outliers outliers;
  private final ConstantExpression whenMissing;

  private NormContinuousExpression(
      Field field,
      double[] origins,
      double[] norms,
      Outliers outliers,
      ConstantExpression whenMissing) {
    this.field = field;
    this.origins = origins;
    this.norms = norms;
    this.outliers = outliers;
    this.whenMissing = whenMissing;
  }

  static NormContinuousExpression compile(Element element, Scope scope) {
    List<Element> points = element.children("LinearNorm");
    if (points.size() < 2) {
      throw element.invalid("has less than two LinearNorm");
    }
    double[] origins = points.stream().mapToDouble(p -> p.finite("orig")).toArray();
    double[] norms = points.stream().mapToDouble(p -> p.finite("norm")).toArray();
    for (int i = 1; i < origins.length; i++) {
      if (origins[i] < origins[i - 1]) {
        throw points.get(i).unsupportedUse("its place is before that of the one above it");
      }
    }
    Field field = scope.resolve(element, "field");
    if (!field.type().data().isNumeric()) {
      throw element.unsupportedUse("the field '" + field.name() + "' is not a number");
    }
    String missing = element.attribute("mapMissingTo");
    return new NormContinuousExpression(
        field,
        origins,
        norms,
        outliers(element),
        missing == null
            ? null
            : ConstantExpression.of(element, "mapMissingTo", DataType.DOUBLE, missing));
  }

  private static Outliers outliers(Element element) {
    return switch (element.attribute("outliers", "asIs")) {
      case "asIs" -> Outliers.AS_IS;
      case "asMissingValues" -> Outliers.MISSING;
      case "asExtremeValues" -> Outliers.EXTREME;
      default -> throw element.unsupported("outliers");
    };
  }

  @Override
  public ValueType type() {
    return ValueType.CONTINUOUS_DOUBLE;
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    frame.values(field).get(row, result);
    if (result.hasValue()) {
      normalize(result.number, result);
    } else if (result.state == Cell.MISSING && whenMissing != null) {
      result.set(whenMissing.value());
    }
  }

  private void normalize(double value, Cell result) {
    int last = origins.length - 1;
    int segment = segment(value);
    if (segment < 0 || segment == last) {
      switch (outliers) {
        case MISSING -> {
          result.setMissing();
          return;
        }
        case EXTREME -> {
          result.setNumber(norms[segment < 0 ? 0 : last], type());
          return;
        }
        case AS_IS -> segment = segment < 0 ? 0 : last - 1;
      }
    }
    double left = origins[segment];
    double norm = norms[segment];
    result.setNumber(
        norm + ((value - left) / (origins[segment + 1] - left)) * (norms[segment + 1] - norm),
        type());
  }

  /**
   * The segment that holds a value, -1 before the first, the last point's index after the last.
   *
   * <p>A value on a point belongs to either segment beside it; which one, the search's path tells,
   * and that path is the interpreter's.
   */
  private int segment(double value) {
    int low = 0;
    int high = origins.length - 1;
    while (low <= high) {
      int middle = low + (high - low) / 2;
      if (Double.compare(value, origins[middle]) < 0) {
        high = middle - 1;
      } else if (middle == origins.length - 1 || Double.compare(value, origins[middle + 1]) <= 0) {
        return middle;
      } else {
        low = middle + 1;
      }
    }
    return -1;
  }
}
