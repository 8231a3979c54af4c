package org.pillion.scoring.compiled.spark;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.Column;
import org.pillion.scoring.compiled.spark.column.Frame;
import org.pillion.scoring.compiled.spark.column.Vectors;
import org.pillion.scoring.compiled.spark.plan.Slot;

/**
 * Elements of a vector that are outputs side by side, such as the probabilities of many classes.
 *
 * @param indices which elements, in the outputs' order
 */
record ElementsWriter(Slot slot, int[] indices) {
  /** Rows at a time, whose elements the processor's nearest memory holds while they are spread. */
  private static final int TILE = 16;

  /** The number of outputs from a position on that are elements of one vector. */
  static int run(List<OutputWriter> outputs, int from) {
    int to = from;
    while (to < outputs.size()
        && outputs.get(to) instanceof ElementWriter element
        && element.slot() == outputs.get(from).slot()) {
      to++;
    }
    return to - from;
  }

  /** The writer of a run of outputs. */
  static ElementsWriter of(List<OutputWriter> outputs) {
    int[] indices = outputs.stream().mapToInt(output -> ((ElementWriter) output).index()).toArray();
    return new ElementsWriter(outputs.get(0).slot(), indices);
  }

  /** A column an element. They share their mask. */
  List<Column> write(Frame frame) {
    Vectors vectors = frame.vectors(slot.id());
    boolean[] missing = OutputMask.of(frame, vectors);
    double[][] out = new double[indices.length][frame.rows()];
    for (int from = 0; from < missing.length; from += TILE) {
      int to = Math.min(missing.length, from + TILE);
      for (int i = 0; i < indices.length; i++) {
        double[] column = out[i];
        for (int row = from; row < to; row++) {
          if (!missing[row]) {
            column[row] = vectors.element(row, indices[i]);
          }
        }
      }
    }
    List<Column> columns = new ArrayList<>(out.length);
    for (double[] column : out) {
      columns.add(new Column.Doubles(column, missing));
    }
    return columns;
  }
}
