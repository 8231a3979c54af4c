package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Some elements of a vector, in a given order; a sparse vector stays sparse. */
final class VectorSlicer {
  private final Slot source;
  private final Slot target;
  private final int[] chosen;

  private VectorSlicer(Slot source, Slot target, int[] chosen) {
    this.source = source;
    this.target = target;
    this.chosen = chosen;
  }

  static void compile(Element stage, PlanBuilder plan) {
    Slot source = plan.vectors(stage.require("in"));
    int[] chosen = stage.ints("indices");
    if (Arrays.stream(chosen).anyMatch(index -> index < 0 || index >= source.size())) {
      throw new InvalidModel("the plan chooses an element that its vector does not have");
    }
    Slot target =
        plan.define(stage.require("out"), SparkType.VECTOR, chosen.length, List.of(source));
    plan.origins(target, element -> plan.origin(source, chosen[element]));
    plan.step(List.of(source), List.of(target), new VectorSlicer(source, target, chosen)::run);
  }

  private void run(Frame frame) {
    VectorColumn in = frame.vectors(source.id());
    VectorBuilder out = new VectorBuilder(frame.rows(), chosen.length, 0);
    for (int row = 0; row < frame.rows(); row++) {
      if (!Classifier.usable(frame, in, row, source)) {
        out.endNull();
        continue;
      }
      int start = in.starts()[row];
      int end = in.starts()[row + 1];
      boolean dense = in.dense()[row];
      for (int i = 0; i < chosen.length; i++) {
        if (dense) {
          out.add(i, in.values()[start + chosen[i]]);
          continue;
        }
        int found = Arrays.binarySearch(in.indices(), start, end, chosen[i]);
        if (found >= 0) {
          out.add(i, in.values()[found]);
        }
      }
      if (dense) {
        out.endDense();
      } else {
        out.endSparse();
      }
    }
    frame.set(target.id(), out.build());
  }
}
