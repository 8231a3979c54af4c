package org.pillion.pmml;

import org.pillion.scoring.InvalidModel;

/** Tells whether a document carries a Spark plan, from its header alone. */
public final class PlanFinder {
  /** {@code extender} of the extension that holds the plan. */
  public static final String EXTENDER = "pillion";

  /** {@code name} of the extension that holds the plan. */
  public static final String NAME = "spark-plan";

  private PlanFinder() {}

  /**
   * Whether there is a plan.
   *
   * @throws InvalidModel when the document is not PMML or breaks a rule before its header's end
   */
  public static boolean hasPlan(byte[] pmml, DocumentLimits limits) {
    XmlCursor cursor = XmlCursor.open(pmml, limits);
    if (!cursor.nextChild(0) || !cursor.name().equals("PMML")) {
      throw new InvalidModel("the document's root element is not PMML");
    }
    while (cursor.nextChild(1)) {
      if (cursor.name().equals("Header")) {
        while (cursor.nextChild(2)) {
          if (isPlan(cursor)) {
            return true;
          }
        }
        return false;
      }
    }
    return false;
  }

  /** Whether the cursor is at the start of the extension that holds a plan. */
  public static boolean isPlan(XmlCursor cursor) {
    return cursor.name().equals("Extension")
        && EXTENDER.equals(cursor.attribute("extender"))
        && NAME.equals(cursor.attribute("name"));
  }
}
