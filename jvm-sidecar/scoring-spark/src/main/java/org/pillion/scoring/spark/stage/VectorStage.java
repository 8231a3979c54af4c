package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** What the stages from vectors to vectors have in common. */
final class VectorStage {
  /** Makes the vector of one row from another. */
  interface RowMap {
    /**
     * Adds the row's elements to {@code out} and ends it.
     *
     * @return why the row fails, or null; a row that fails is not ended
     */
    String map(VectorColumn in, int row, VectorBuilder out);
  }

  private VectorStage() {}

  /** Adds a kernel from the column {@code in} to the column {@code out}; null fails its row. */
  static Slot add(Element stage, PlanBuilder plan, Slot source, int size, RowMap map) {
    Slot target = plan.define(stage.require("out"), SparkType.VECTOR, size, List.of(source));
    plan.step(List.of(source), List.of(target), frame -> run(frame, source, target, map));
    return target;
  }

  /** The same for a stage that makes each element from the one at the same position. */
  static void addElementwise(Element stage, PlanBuilder plan, Slot source, RowMap map) {
    elementwise(plan, source, add(stage, plan, source, source.size(), map));
  }

  /** Says that each element comes from the one at the same position of another column. */
  static void elementwise(PlanBuilder plan, Slot source, Slot target) {
    plan.origins(target, element -> plan.origin(source, element));
  }

  private static void run(Frame frame, Slot source, Slot target, RowMap map) {
    VectorColumn in = frame.vectors(source.id());
    VectorBuilder out = new VectorBuilder(frame.rows(), target.size(), in.starts()[frame.rows()]);
    for (int row = 0; row < frame.rows(); row++) {
      if (!Classifier.usable(frame, in, row, source)) {
        out.endNull();
        continue;
      }
      String failure = map.map(in, row, out);
      if (failure != null) {
        frame.fail(row, source.id(), failure);
        out.endNull();
      }
    }
    frame.set(target.id(), out.build());
  }

  /** Makes sure that a parameter, if present, has one value per element of the vectors. */
  static void requireLength(Element stage, Slot source, double[] values) {
    if (values != null && values.length != source.size()) {
      throw new InvalidModel(
          "the plan's %s has %d values for vectors of length %d"
              .formatted(stage.name(), values.length, source.size()));
    }
  }

  /** Position in its vector of the stored element at {@code k}. */
  static int index(VectorColumn in, int row, int k) {
    return in.dense()[row] ? k - in.starts()[row] : in.indices()[k];
  }

  /** Ends a row in the form, dense or sparse, that the row of another column has. */
  static void endAlike(VectorColumn in, int row, VectorBuilder out) {
    if (in.dense()[row]) {
      out.endDense();
    } else {
      out.endSparse();
    }
  }
}
