package org.pillion.scoring.pmml;

import org.pillion.pmml.DocumentEngine;

/** Computes bare documents, to the interpreter's bits. */
public final class PmmlEngine extends DocumentEngine {
  /** An engine with the configured limits. */
  public PmmlEngine() {
    super(false, PmmlCompiler::compile);
  }
}
