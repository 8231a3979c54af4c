package org.pillion.scoring.spark.stage;

import java.util.List;
import java.util.function.BiConsumer;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Shortcut;
import org.pillion.scoring.spark.plan.Slot;

/** What a model computes, straight from the columns that its feature vectors are assembled of. */
interface Direct {
  /** The columns that are read. */
  List<Slot> columns();

  /**
   * Computes it, but for rows that may be refused on the way: those it {@linkplain
   * Frame#decline(int) declines}, and the stages have to run one by one for them.
   *
   * @return the numbers of each row, row by row; null where it declines all
   */
  double[] compute(Frame frame);

  /** A shortcut that hands what is computed on. */
  default Shortcut shortcut(BiConsumer<Frame, double[]> writer) {
    return new Shortcut(
        columns(),
        frame -> {
          double[] computed = compute(frame);
          if (computed == null) {
            frame.decline();
          } else {
            writer.accept(frame, computed);
          }
        });
  }
}
