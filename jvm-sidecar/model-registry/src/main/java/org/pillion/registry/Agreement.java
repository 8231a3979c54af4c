package org.pillion.registry;

/** How close an engine must come to the value that the training system computed. */
enum Agreement {
  /** The same bits: 0 ULPs. */
  EXACT(0, 0),
  /** The interpreter's other order of sums: a relative difference far below what ranks notice. */
  INTERPRETED(1e-13, 0x1p-23);

  private final double doubleTolerance;
  private final double floatTolerance;

  Agreement(double doubleTolerance, double floatTolerance) {
    this.doubleTolerance = doubleTolerance;
    this.floatTolerance = floatTolerance;
  }

  /**
   * Whether two values agree. NaN equals NaN, missing is not NaN, infinities agree by sign; values
   * that are not floating-point must be equal.
   *
   * @param expected boxed value, or null for missing
   * @param actual boxed value of the same type, or null for missing
   */
  boolean holds(Object expected, Object actual) {
    if (expected instanceof Double e && actual instanceof Double a) {
      return close(e, a, doubleTolerance) || sameBits(e, a);
    }
    if (expected instanceof Float e && actual instanceof Float a) {
      return close(e, a, floatTolerance) || sameBits(e, a);
    }
    return expected == null ? actual == null : expected.equals(actual);
  }

  private static boolean sameBits(double expected, double actual) {
    return Double.doubleToLongBits(expected) == Double.doubleToLongBits(actual);
  }

  private static boolean close(double expected, double actual, double tolerance) {
    if (tolerance == 0 || !Double.isFinite(expected) || !Double.isFinite(actual)) {
      return false;
    }
    double scale = Math.max(Math.abs(expected), Math.abs(actual));
    return Math.abs(expected - actual) <= tolerance * scale;
  }
}
