package org.pillion.scoring.compiled.pmml;

import org.pillion.scoring.Scorer;
import org.pillion.scoring.UnsupportedElement;

/** Turns a document without a Spark plan into kernels in the interpreter's arithmetic. */
public final class PmmlCompiler {
  private PmmlCompiler() {}

  /**
   * Compiles a document.
   *
   * @throws org.pillion.scoring.InvalidModel when no engine could use it
   * @throws UnsupportedElement when it has a part that is not compiled
   */
  public static Scorer compile(byte[] pmml) {
    throw new UnsupportedElement(
        "PMML", "the compiled engine reads documents with a Spark plan only");
  }
}
