package org.pillion.pmml;

import java.util.function.BiFunction;
import org.pillion.scoring.Engine;
import org.pillion.scoring.Scorer;

/**
 * One of the engines that users know as {@code compiled}. A document's header tells whose it is.
 */
public abstract class DocumentEngine implements Engine {
  /** The name that these engines share. */
  public static final String NAME = "compiled";

  private final boolean withPlan;
  private final BiFunction<byte[], DocumentLimits, Scorer> compiler;
  private final DocumentLimits limits = DocumentLimits.configured();

  /**
   * An engine.
   *
   * @param withPlan whether it reads the documents that have a Spark plan, or all others
   */
  protected DocumentEngine(boolean withPlan, BiFunction<byte[], DocumentLimits, Scorer> compiler) {
    this.withPlan = withPlan;
    this.compiler = compiler;
  }

  @Override
  public final String name() {
    return NAME;
  }

  @Override
  public final int precedence() {
    return 0;
  }

  @Override
  public final boolean reads(byte[] pmml) {
    return PlanExtension.isIn(pmml, limits) == withPlan;
  }

  @Override
  public final Scorer load(byte[] pmml) {
    return compiler.apply(pmml, limits);
  }
}
