package org.pillion.scoring.compiled.spark;

import org.pillion.scoring.Scorer;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.compiled.document.DocumentLimits;

/** Turns a document that carries a Spark plan into kernels in Spark's arithmetic. */
public final class PlanCompiler {
  private PlanCompiler() {}

  /**
   * Compiles a document.
   *
   * @throws org.pillion.scoring.InvalidModel when no engine could use it
   * @throws UnsupportedElement when its plan has a part that is not compiled
   */
  public static Scorer compile(byte[] pmml, DocumentLimits limits) {
    throw new UnsupportedElement("Extension", "Spark plans are not compiled yet");
  }
}
