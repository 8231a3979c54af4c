package org.pillion.scoring.compiled;

import org.pillion.scoring.Engine;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.compiled.document.DocumentLimits;
import org.pillion.scoring.compiled.document.PlanFinder;
import org.pillion.scoring.compiled.pmml.PmmlCompiler;
import org.pillion.scoring.compiled.spark.PlanCompiler;

/** The engine that turns a document into flat arrays at load, and scores column by column. */
public final class CompiledEngine implements Engine {
  /** The engine's name. */
  public static final String NAME = "compiled";

  private final DocumentLimits limits;

  /** The engine with limits from the system properties, see {@link DocumentLimits}. */
  public CompiledEngine() {
    this(DocumentLimits.configured());
  }

  CompiledEngine(DocumentLimits limits) {
    this.limits = limits;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int precedence() {
    return 0;
  }

  @Override
  public Scorer load(byte[] pmml) {
    return PlanFinder.hasPlan(pmml, limits)
        ? PlanCompiler.compile(pmml, limits, NAME)
        : PmmlCompiler.compile(pmml, limits);
  }
}
