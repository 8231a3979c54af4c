package org.pillion.scoring.pmml;

import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.PlanExtension;
import org.pillion.scoring.Engine;
import org.pillion.scoring.Scorer;

/** The part of the compiled engine that computes bare documents, to the interpreter's bits. */
public final class PmmlEngine implements Engine {
  /** The engine's name, which it shares with the one for documents with a Spark plan. */
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
    return !PlanExtension.isIn(pmml, limits);
  }

  @Override
  public Scorer load(byte[] pmml) {
    return PmmlCompiler.compile(pmml, limits);
  }
}
