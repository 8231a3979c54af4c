package org.pillion.scoring.pmml.expression;

import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.ValueType;

/** What a {@code MiningField} does with valid numbers beyond its bounds. */
public record Outliers(Treatment treatment, double low, double high) {
  enum Treatment {
    NONE,
    MISSING,
    EXTREME
  }

  private static final Outliers NONE =
      new Outliers(Treatment.NONE, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  public static Outliers compile(Element mining, ValueType type) {
    Treatment treatment =
        switch (mining.attribute("outliers", "asIs")) {
          case "asIs" -> Treatment.NONE;
          case "asMissingValues" -> Treatment.MISSING;
          case "asExtremeValues" -> Treatment.EXTREME;
          default -> throw mining.unsupported("outliers");
        };
    if (treatment == Treatment.NONE) {
      mining.ignore("lowValue", "highValue");
      return NONE;
    }
    // Bounds of other types would be converted, with rules of their own.
    if (type.data() != DataType.DOUBLE || !type.isContinuous()) {
      throw mining.unsupported("outliers");
    }
    double low = mining.finite("lowValue", Double.NEGATIVE_INFINITY);
    double high = mining.finite("highValue", Double.POSITIVE_INFINITY);
    if (low == Double.NEGATIVE_INFINITY && high == Double.POSITIVE_INFINITY || low > high) {
      throw mining.invalid("has no range that its outliers could be outside of");
    }
    return new Outliers(treatment, low == 0d ? 0d : low, high == 0d ? 0d : high);
  }

  /** Changes a value that is an outlier; tells whether it has become missing. */
  public boolean treat(Cell cell, ValueType type) {
    if (treatment == Treatment.NONE) {
      return false;
    }
    boolean below = Double.compare(cell.number, low) < 0;
    if (!below && Double.compare(cell.number, high) <= 0) {
      return false;
    }
    if (treatment == Treatment.MISSING) {
      return true;
    }
    cell.setNumber(below ? low : high, type);
    return false;
  }
}
