package org.pillion.scoring.pmml.field;

import org.pillion.pmml.Element;

/**
 * A range of numbers, compared as the interpreter does: NaN lies above infinity.
 *
 * @param left lower bound or null
 * @param right upper bound or null
 */
public record Interval(Double left, boolean leftClosed, Double right, boolean rightClosed) {
  public static Interval compile(Element element) {
    Double left = margin(element, "leftMargin");
    Double right = margin(element, "rightMargin");
    if (left == null && right == null) {
      throw element.invalid("has neither leftMargin nor rightMargin");
    }
    String closure = element.require("closure");
    boolean leftClosed = closure.equals("closedOpen") || closure.equals("closedClosed");
    boolean rightClosed = closure.equals("openClosed") || closure.equals("closedClosed");
    if (!leftClosed && !rightClosed && !closure.equals("openOpen")) {
      throw element.unsupported("closure");
    }
    if (left != null && right != null) {
      int order = left.compareTo(right);
      if (order > 0 || order == 0 && !(leftClosed && rightClosed)) {
        throw element.invalid("is empty");
      }
    }
    return new Interval(left, leftClosed, right, rightClosed);
  }

  private static Double margin(Element element, String attribute) {
    return element.attribute(attribute) == null ? null : element.finite(attribute);
  }

  public boolean contains(double value) {
    if (left != null) {
      int order = Double.compare(value, left);
      if (leftClosed ? order < 0 : order <= 0) {
        return false;
      }
    }
    if (right != null) {
      int order = Double.compare(value, right);
      return rightClosed ? order <= 0 : order < 0;
    }
    return true;
  }

  public boolean overlaps(Interval other) {
    return !isBefore(other) && !other.isBefore(this);
  }

  private boolean isBefore(Interval other) {
    if (right == null || other.left == null) {
      return false;
    }
    int order = right.compareTo(other.left);
    return order < 0 || order == 0 && !(rightClosed && other.leftClosed);
  }
}
