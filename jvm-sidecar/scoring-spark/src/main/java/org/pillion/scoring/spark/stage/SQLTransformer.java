package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.expression.Expressions;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * A SELECT as Spark's analyser understood it: its filters and the columns that it computes, in the
 * order in which they build on each other.
 */
final class SQLTransformer {
  private SQLTransformer() {}

  static void compile(Element stage, PlanBuilder plan) {
    boolean ansi = stage.flag("ansi");
    for (Element part : stage.children()) {
      boolean where = part.name().equals("where");
      if (!where && !part.name().equals("column") || part.children().size() != 1) {
        throw new InvalidModel("the plan's sqlTransformer has a bad element " + part.name());
      }
      Expressions expression = Expressions.compile(part.children().get(0), plan, ansi);
      if (where ? expression.type() != SparkType.BOOLEAN : expression.type() == SparkType.VECTOR) {
        throw new InvalidModel(
            "the plan's sqlTransformer has a %s of type %s"
                .formatted(part.name(), expression.type().text()));
      }
      if (where) {
        // A slot of its own, so that a row that is dropped names an input of the condition.
        Slot blame = plan.temporary(expression.type(), expression.reads());
        plan.filter(expression.reads(), frame -> filter(frame, expression, blame.id()));
      } else {
        Slot target = plan.define(part.require("name"), expression.type(), 0, expression.reads());
        plan.step(
            expression.reads(),
            List.of(target),
            frame -> frame.set(target.id(), expression.evaluate(frame, target.id())));
      }
    }
  }

  private static void filter(Frame frame, Expressions condition, int blame) {
    boolean[] kept = condition.holds(frame, blame);
    for (int row = 0; row < kept.length; row++) {
      if (!kept[row]) {
        frame.fail(row, blame, "Spark drops the row, since a condition does not hold");
      }
    }
  }
}
