package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** The elements of a vector, a column each; what a sparse vector does not store is null. */
final class VectorDisassembler {
  private VectorDisassembler() {}

  static void compile(Element stage, PlanBuilder plan) {
    Slot source = plan.vectors(stage.require("in"));
    List<Element> columns = stage.children("column");
    if (columns.size() != source.size()) {
      throw new InvalidModel(
          "the plan takes vectors of length %d apart into %d columns"
              .formatted(source.size(), columns.size()));
    }
    for (int i = 0; i < columns.size(); i++) {
      int index = i;
      Slot target =
          plan.define(columns.get(i).require("out"), SparkType.DOUBLE, 0, List.of(source));
      plan.origins(target, element -> plan.origin(source, index));
      plan.step(
          List.of(source),
          List.of(target),
          frame -> frame.set(target.id(), run(frame, source, index)));
    }
  }

  private static DoubleColumn run(Frame frame, Slot source, int index) {
    VectorColumn in = frame.vectors(source.id());
    double[] out = new double[frame.rows()];
    boolean[] nulls = new boolean[out.length];
    for (int row = 0; row < out.length; row++) {
      if (!Classifier.usable(frame, in, row, source)) {
        nulls[row] = true;
        continue;
      }
      int start = in.starts()[row];
      int found =
          in.dense()[row]
              ? start + index
              : Arrays.binarySearch(in.indices(), start, in.starts()[row + 1], index);
      nulls[row] = found < 0;
      out[row] = found < 0 ? 0.0 : in.values()[found];
    }
    return new DoubleColumn(out, nulls);
  }
}
