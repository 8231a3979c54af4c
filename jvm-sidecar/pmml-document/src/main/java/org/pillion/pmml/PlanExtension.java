package org.pillion.pmml;

import org.pillion.scoring.InvalidModel;

/** The extension in a document's header that holds a Spark plan. */
public final class PlanExtension {
  private PlanExtension() {}

  /**
   * Whether a document has one; reads no further than the header.
   *
   * @throws InvalidModel when the document is not PMML or breaks a rule before its header's end
   */
  public static boolean isIn(byte[] pmml, DocumentLimits limits) {
    XmlCursor cursor = XmlCursor.openPmml(pmml, limits);
    while (cursor.nextChild(1)) {
      if (cursor.name().equals("Header")) {
        while (cursor.nextChild(2)) {
          if (isAt(cursor)) {
            return true;
          }
        }
        return false;
      }
    }
    return false;
  }

  /** Whether the cursor is at its start. */
  public static boolean isAt(XmlCursor cursor) {
    return cursor.name().equals("Extension")
        && "pillion".equals(cursor.attribute("extender"))
        && "spark-plan".equals(cursor.attribute("name"));
  }
}
