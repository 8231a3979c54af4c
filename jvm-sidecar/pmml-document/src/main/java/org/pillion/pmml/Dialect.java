package org.pillion.pmml;

/** Whose elements are read: what messages call them, and who judges whether they are sound. */
public enum Dialect {
  /**
   * PMML's own. The interpreter is the reference for what those mean and which of them are wrong,
   * so a reader that finds a fault leaves the document to it.
   */
  PMML("element", false),

  /** Those of a Spark plan, which the compiled engine alone computes. */
  PLAN("plan's element", true);

  private final String noun;
  private final boolean judged;

  Dialect(String noun, boolean judged) {
    this.noun = noun;
    this.judged = judged;
  }

  String noun() {
    return noun;
  }

  boolean isJudged() {
    return judged;
  }
}
