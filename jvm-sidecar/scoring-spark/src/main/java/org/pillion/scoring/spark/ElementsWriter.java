package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.Column;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Slot;

/**
 * Elements of a vector that are outputs side by side, such as the probabilities of many classes.
 *
 * @param indices which elements, in the outputs' order
 */
record ElementsWriter(Slot slot, int[] indices) {
  /** Rows at a time; their elements stay in the processor's first cache while they are spread. */
  private static final int TILE = 16;

  /** Writes columns of a result, side by side. */
  interface Columns {
    void write(Frame frame, List<Column> columns);
  }

  /** The writers of all outputs in order; elements of one vector are written together. */
  static List<Columns> join(List<OutputWriter> outputs) {
    List<Columns> joined = new ArrayList<>();
    for (int from = 0; from < outputs.size(); ) {
      OutputWriter output = outputs.get(from);
      int to = from + 1;
      if (output instanceof ElementWriter) {
        while (to < outputs.size()
            && outputs.get(to) instanceof ElementWriter next
            && next.slot() == output.slot()) {
          to++;
        }
        ElementsWriter elements = of(outputs.subList(from, to));
        joined.add((frame, columns) -> columns.addAll(elements.write(frame)));
      } else {
        joined.add((frame, columns) -> columns.add(output.write(frame)));
      }
      from = to;
    }
    return List.copyOf(joined);
  }

  private static ElementsWriter of(List<OutputWriter> outputs) {
    int[] indices = outputs.stream().mapToInt(output -> ((ElementWriter) output).index()).toArray();
    return new ElementsWriter(outputs.get(0).slot(), indices);
  }

  /** A column an element. They share their mask. */
  List<Column> write(Frame frame) {
    VectorColumn vectors = frame.vectors(slot.id());
    boolean[] missing = OutputMask.of(frame, vectors);
    double[][] out = new double[indices.length][frame.rows()];
    if (vectors.isFull()) {
      spread(vectors, out);
    } else {
      spread(vectors, missing, out);
    }
    List<Column> columns = new ArrayList<>(out.length);
    for (double[] column : out) {
      columns.add(new Column.Doubles(column, missing));
    }
    return columns;
  }

  private void spread(VectorColumn vectors, double[][] out) {
    int size = vectors.size();
    double[] values = vectors.values();
    int rows = out.length == 0 ? 0 : out[0].length;
    for (int from = 0; from < rows; from += TILE) {
      int to = Math.min(rows, from + TILE);
      for (int i = 0; i < indices.length; i++) {
        double[] column = out[i];
        int index = indices[i];
        for (int row = from; row < to; row++) {
          column[row] = values[row * size + index];
        }
      }
    }
  }

  private void spread(VectorColumn vectors, boolean[] missing, double[][] out) {
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
  }
}
