package org.pillion.scoring.spark;

import java.util.BitSet;
import org.pillion.scoring.Column;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.plan.Slot;

/**
 * Takes a date, a time stamp, a decimal number or an array of texts over from a field of texts.
 *
 * @param slot where it goes
 * @param position where the field is in the contract
 * @param form how it is spelled
 */
record TextInput(Slot slot, int position, TextForm form) implements InputReader {
  @Override
  public boolean within(BitSet positions) {
    return positions.get(position);
  }

  @Override
  public void read(Frame frame) {
    Column.Strings column = (Column.Strings) frame.batch().column(position);
    StringColumn texts = StringColumn.of(column.values(), column.missing());
    frame.set(
        slot.id(), form.reader().read(texts, row -> frame.fail(row, slot.id(), form.expected())));
  }
}
