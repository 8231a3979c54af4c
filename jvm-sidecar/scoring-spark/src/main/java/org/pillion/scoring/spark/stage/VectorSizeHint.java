package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Declares the length of vectors, which a plan knows anyway; null is refused or dropped. */
final class VectorSizeHint {
  private VectorSizeHint() {}

  static void compile(Element stage, PlanBuilder plan) {
    Slot source = plan.vectors(stage.require("in"), stage.count("size"));
    switch (stage.require("invalid")) {
      case "optimistic" -> plan.alias(stage.require("out"), source);
      case "skip" -> {
        plan.alias(stage.require("out"), source);
        SkipInvalid.compile(plan, source);
      }
      case "error" -> {
        Slot target =
            plan.define(stage.require("out"), SparkType.VECTOR, source.size(), List.of(source));
        VectorStage.elementwise(plan, source, target);
        plan.step(List.of(source), List.of(target), frame -> check(frame, source, target));
      }
      default -> throw new InvalidModel("the plan's size hint has a bad value of 'invalid'");
    }
  }

  private static void check(Frame frame, Slot source, Slot target) {
    VectorColumn in = frame.vectors(source.id());
    for (int row = 0; row < frame.rows(); row++) {
      Classifier.usable(frame, in, row, source);
    }
    frame.set(target.id(), in);
  }
}
