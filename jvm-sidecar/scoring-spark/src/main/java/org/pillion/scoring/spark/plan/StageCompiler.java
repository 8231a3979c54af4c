package org.pillion.scoring.spark.plan;

import org.pillion.pmml.Element;

/** Turns the element of one kind of stage into kernels. */
@FunctionalInterface
public interface StageCompiler {
  /**
   * Adds the stage's kernels to a plan.
   *
   * @throws org.pillion.scoring.InvalidModel when the element contradicts itself or the plan
   * @throws org.pillion.scoring.UnsupportedElement when it asks for what is not compiled
   */
  void compile(Element stage, PlanBuilder plan);
}
