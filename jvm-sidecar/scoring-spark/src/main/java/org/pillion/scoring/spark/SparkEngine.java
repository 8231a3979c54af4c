package org.pillion.scoring.spark;

import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.PlanExtension;
import org.pillion.scoring.Engine;
import org.pillion.scoring.Scorer;

/** The part of the compiled engine that computes a document's Spark plan, to Spark's bits. */
public final class SparkEngine implements Engine {
  /** The engine's name, which it shares with the one for bare documents. */
  static final String NAME = "compiled";

  private final DocumentLimits limits = DocumentLimits.configured();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int precedence() {
    return 0;
  }

  @Override
  public boolean reads(byte[] pmml) {
    return PlanExtension.isIn(pmml, limits);
  }

  @Override
  public Scorer load(byte[] pmml) {
    return PlanCompiler.compile(pmml, limits);
  }
}
