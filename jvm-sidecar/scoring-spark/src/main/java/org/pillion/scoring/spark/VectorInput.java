package org.pillion.scoring.spark;

import java.util.BitSet;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Slot;

/**
 * Takes a dense vector over from the fields of its elements.
 *
 * @param slot where it goes
 * @param positions of the elements' fields in the contract
 */
record VectorInput(Slot slot, int[] positions) implements InputReader {
  /** The name of an element's field. */
  static String field(String vector, int index) {
    return vector + "[" + index + "]";
  }

  @Override
  public boolean within(BitSet some) {
    for (int position : positions) {
      if (!some.get(position)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void read(Frame frame) {
    int size = positions.length;
    double[] values = new double[Math.multiplyExact(frame.rows(), size)];
    for (int i = 0; i < size; i++) {
      copy(frame, i, values);
    }
    frame.set(slot.id(), VectorColumn.ofDense(frame.rows(), size, values, null));
  }

  private void copy(Frame frame, int index, double[] values) {
    CandidateBatch batch = frame.batch();
    Column.Doubles column = (Column.Doubles) batch.column(positions[index]);
    boolean once = batch.isContext(positions[index]);
    for (int row = 0; row < frame.rows(); row++) {
      int from = once ? 0 : row;
      if (column.missing()[from]) {
        frame.fail(row, slot.id(), "a vector needs all of its elements");
      } else {
        values[row * positions.length + index] = column.values()[from];
      }
    }
  }
}
