package org.pillion.scoring.spark.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * Replaces the values of some elements by their indices. Of a sparse vector only stored elements
 * are replaced: Spark sees to it that the index of zero is 0.
 */
final class VectorIndexer {
  private final Slot source;
  private final Slot target;
  private final Map<Integer, Map<Double, Integer>> categories;
  private final InvalidHandling invalid;

  private VectorIndexer(
      Slot source,
      Slot target,
      Map<Integer, Map<Double, Integer>> categories,
      InvalidHandling invalid) {
    this.source = source;
    this.target = target;
    this.categories = categories;
    this.invalid = invalid;
  }

  static void compile(Element stage, PlanBuilder plan) {
    Slot source = plan.vectors(stage.require("in"));
    Map<Integer, Map<Double, Integer>> categories = new HashMap<>();
    for (Element element : stage.children("categories")) {
      int index = element.count("element");
      double[] values = element.doubles();
      Map<Double, Integer> known = new HashMap<>();
      for (int i = 0; i < values.length; i++) {
        known.put(values[i] + 0.0, i);
      }
      if (index >= source.size() || categories.put(index, known) != null) {
        throw new InvalidModel("the plan's vector indexer has a bad element: " + index);
      }
    }
    InvalidHandling invalid = InvalidHandling.of(stage);
    Slot target =
        plan.define(stage.require("out"), SparkType.VECTOR, source.size(), List.of(source));
    VectorIndexer indexer = new VectorIndexer(source, target, categories, invalid);
    VectorStage.elementwise(plan, source, target);
    plan.step(List.of(source), List.of(target), indexer::run);
    if (invalid == InvalidHandling.SKIP) {
      SkipInvalid.compile(plan, target);
    }
  }

  private void run(Frame frame) {
    VectorColumn in = frame.vectors(source.id());
    double[] values = in.values().clone();
    boolean[] nulls = null;
    for (int row = 0; row < frame.rows(); row++) {
      if (Classifier.usable(frame, in, row, source) && !index(frame, in, row, values)) {
        nulls = nulls == null ? new boolean[frame.rows()] : nulls;
        nulls[row] = true;
      }
    }
    if (nulls != null && in.nulls() != null) {
      for (int row = 0; row < nulls.length; row++) {
        nulls[row] |= in.nulls()[row];
      }
    }
    boolean[] mask = nulls == null ? in.nulls() : nulls;
    frame.set(
        target.id(),
        new VectorColumn(in.size(), in.dense(), in.starts(), in.indices(), values, mask));
  }

  /** Whether the row keeps a vector. */
  private boolean index(Frame frame, VectorColumn in, int row, double[] values) {
    int start = in.starts()[row];
    for (int k = start; k < in.starts()[row + 1]; k++) {
      int element = in.dense()[row] ? k - start : in.indices()[k];
      Map<Double, Integer> known = categories.get(element);
      if (known == null) {
        continue;
      }
      Integer index = Double.isNaN(values[k]) ? null : known.get(values[k] + 0.0);
      if (index != null) {
        values[k] = index;
      } else if (invalid == InvalidHandling.KEEP) {
        values[k] = known.size();
      } else {
        if (invalid == InvalidHandling.ERROR) {
          frame.fail(
              row, source.id(), "a vector indexer has not seen " + values[k] + " in " + element);
        }
        return false;
      }
    }
    return true;
  }
}
