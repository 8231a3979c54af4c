package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Recipe;
import org.pillion.scoring.spark.plan.Slot;

/**
 * Turns an index into a sparse vector with at most one 1; null stays null.
 *
 * @param source the column of indices
 * @param target the column of vectors
 * @param categories number of indices that were seen
 * @param keep whether any other index is one category more
 */
record OneHotEncoder(Slot source, Slot target, int categories, boolean keep) implements Recipe {
  /** Stands for an index that the encoder refuses. */
  static final int REFUSED = -1;

  static void compile(Element stage, PlanBuilder plan) {
    boolean keep = InvalidHandling.of(stage) == InvalidHandling.KEEP;
    for (Element column : stage.children("column")) {
      Slot source = plan.number(column.require("in"));
      int categories = column.count("categories");
      int size = column.count("size");
      Slot target = plan.define(column.require("out"), SparkType.VECTOR, size, List.of(source));
      OneHotEncoder encoder = new OneHotEncoder(source, target, categories, keep);
      plan.made(target, encoder);
      plan.step(List.of(source), List.of(target), encoder::run);
    }
  }

  /** Which element of the vector is 1; the vector's length or more where none is. */
  int element(double label) {
    if (label >= 0.0 && label < categories) {
      return (int) label;
    }
    return keep ? categories : REFUSED;
  }

  private void run(Frame frame) {
    DoubleColumn in = frame.doubles(source.id());
    VectorBuilder out = new VectorBuilder(frame.rows(), target.size(), frame.rows());
    for (int row = 0; row < frame.rows(); row++) {
      if (in.isNull(row) || frame.failed(row)) {
        out.endNull();
        continue;
      }
      double label = in.values()[row];
      int element = element(label);
      if (element == REFUSED) {
        frame.fail(row, source.id(), "a one-hot encoder has not seen the index " + label);
        out.endNull();
        continue;
      }
      if (element < target.size()) {
        out.add(element, 1.0);
      }
      out.endSparse();
    }
    frame.set(target.id(), out.build());
  }
}
