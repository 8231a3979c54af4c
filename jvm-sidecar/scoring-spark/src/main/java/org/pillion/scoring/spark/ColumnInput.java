package org.pillion.scoring.spark;

import java.util.BitSet;
import org.pillion.scoring.Column;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.Slot;

/**
 * Takes a field over from a batch, without copying numbers.
 *
 * @param slot where it goes
 * @param position where it is in the contract
 */
record ColumnInput(Slot slot, int position) implements InputReader {
  /** Whether values of a field can be values of a Spark type. */
  static boolean fits(SparkType type, FieldType field) {
    return switch (field) {
      case DOUBLE -> type == SparkType.DOUBLE;
      case FLOAT -> type == SparkType.FLOAT;
      case INTEGER -> type.isWhole();
      case BOOLEAN -> type == SparkType.BOOLEAN;
      case STRING -> type == SparkType.STRING || TextForm.has(type);
    };
  }

  @Override
  public boolean within(BitSet positions) {
    return positions.get(position);
  }

  @Override
  public void read(Frame frame) {
    frame.set(slot.id(), values(frame));
  }

  private Values values(Frame frame) {
    Column column = frame.batch().column(position);
    if (column instanceof Column.Strings strings) {
      return StringColumn.of(strings.values(), strings.missing());
    }
    boolean[] nulls = mask(column.missing());
    if (column instanceof Column.Doubles doubles) {
      return new DoubleColumn(doubles.values(), nulls);
    }
    if (column instanceof Column.Longs longs) {
      checkRange(frame, longs.values(), nulls);
      return new LongColumn(longs.values(), nulls);
    }
    if (column instanceof Column.Floats floats) {
      double[] wide = new double[floats.values().length];
      for (int row = 0; row < wide.length; row++) {
        wide[row] = floats.values()[row];
      }
      return new DoubleColumn(wide, nulls);
    }
    return new BooleanColumn(((Column.Booleans) column).values(), nulls);
  }

  private void checkRange(Frame frame, long[] values, boolean[] nulls) {
    long smallest = slot.type().smallest();
    long largest = slot.type().largest();
    for (int row = 0; row < values.length; row++) {
      if ((values[row] < smallest || values[row] > largest) && (nulls == null || !nulls[row])) {
        frame.fail(row, slot.id(), "it does not fit Spark's type " + slot.type().text());
      }
    }
  }

  private static boolean[] mask(boolean[] missing) {
    for (boolean flag : missing) {
      if (flag) {
        return missing;
      }
    }
    return null;
  }
}
