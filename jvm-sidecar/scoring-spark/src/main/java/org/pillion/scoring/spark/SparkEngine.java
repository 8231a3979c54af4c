package org.pillion.scoring.spark;

import org.pillion.pmml.DocumentEngine;

/** Computes a document's Spark plan, to Spark's bits. */
public final class SparkEngine extends DocumentEngine {
  /** An engine with the configured limits. */
  public SparkEngine() {
    super(true, PlanCompiler::compile);
  }
}
