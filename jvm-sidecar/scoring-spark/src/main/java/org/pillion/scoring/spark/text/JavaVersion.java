package org.pillion.scoring.spark.text;

import org.pillion.scoring.UnsupportedElement;

/** What texts mean differs between versions of Java: those before 19, and those from then on. */
public final class JavaVersion {
  private static final int CHANGED = 19;

  private JavaVersion() {}

  /**
   * Makes sure that this Java and the one that Spark ran on agree.
   *
   * @param java the version that Spark ran on
   * @param what is computed otherwise on the other side of the change
   * @throws UnsupportedElement when they do not
   */
  public static void requireAlike(int java, String what) {
    int here = Runtime.version().feature();
    if (java < CHANGED != here < CHANGED) {
      throw new UnsupportedElement(
          "java",
          "%s are not the same on Java %d, which Spark ran on, and on this Java %d"
              .formatted(what, java, here));
    }
  }
}
