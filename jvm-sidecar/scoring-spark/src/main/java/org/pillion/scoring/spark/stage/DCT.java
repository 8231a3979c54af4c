package org.pillion.scoring.spark.stage;

import org.jtransforms.dct.DoubleDCT_1D;
import org.pillion.pmml.Element;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** The discrete cosine transform of a vector, or its inverse, scaled so that it is unitary. */
final class DCT {
  /** Longer vectors the library would give to several threads. */
  private static final int LONGEST = 4096;

  private DCT() {}

  static void compile(Element stage, PlanBuilder plan) {
    boolean inverse = stage.flag("inverse");
    Slot source = plan.vectors(stage.require("in"));
    int size = source.size();
    if (size < 1 || size > LONGEST) {
      throw new UnsupportedElement(
          "dct",
          "the cosine transform of vectors of length %d is not compiled; 1 to %d are"
              .formatted(size, LONGEST));
    }
    DoubleDCT_1D transform = new DoubleDCT_1D(size);
    VectorStage.add(
        stage,
        plan,
        source,
        size,
        (in, row, out) -> {
          double[] values = new double[size];
          in.copyRow(row, values);
          if (inverse) {
            transform.inverse(values, true);
          } else {
            transform.forward(values, true);
          }
          for (int i = 0; i < size; i++) {
            out.add(i, values[i]);
          }
          out.endDense();
          return null;
        });
  }
}
