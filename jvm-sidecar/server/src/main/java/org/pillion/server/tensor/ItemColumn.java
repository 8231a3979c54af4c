package org.pillion.server.tensor;

import org.pillion.scoring.Column;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;

/** Converts a tensor's items to its field's column; an item keeps its exact value or is refused. */
final class ItemColumn {
  private final String tensor;
  private final Datatype datatype;
  private final FieldType type;
  private final boolean[] missing;

  private ItemColumn(String tensor, Datatype datatype, FieldType type, boolean[] missing) {
    this.tensor = tensor;
    this.datatype = datatype;
    this.type = type;
    this.missing = missing;
  }

  /**
   * The column.
   *
   * @param missing per row whether its value is missing
   * @throws InvalidInput naming the tensor, the row and the item that the field cannot take
   */
  static Column of(
      String tensor, Datatype datatype, FieldType type, TensorItems items, boolean[] missing) {
    ItemColumn column = new ItemColumn(tensor, datatype, type, missing);
    if (items instanceof TensorItems.Booleans booleans) {
      return new Column.Booleans(booleans.values(), missing);
    } else if (items instanceof TensorItems.Longs longs) {
      return column.ofLongs(longs.values());
    } else if (items instanceof TensorItems.Floats floats) {
      return column.ofFloats(floats.values());
    } else if (items instanceof TensorItems.Doubles doubles) {
      return column.ofDoubles(doubles.values());
    }
    return column.ofStrings(((TensorItems.Strings) items).values());
  }

  private Column ofLongs(long[] values) {
    for (int row = 0; row < values.length; row++) {
      require(datatype.holds(values[row]) || missing[row], row, values[row]);
    }
    if (type == FieldType.INTEGER) {
      return new Column.Longs(values, missing);
    }
    double[] doubles = new double[values.length];
    for (int row = 0; row < values.length; row++) {
      doubles[row] = values[row];
      // The cast back saturates at the largest long, which a double rounds up past.
      boolean exact = (long) doubles[row] == values[row] && values[row] != Long.MAX_VALUE;
      require(exact || missing[row], row, values[row]);
    }
    return type == FieldType.DOUBLE ? new Column.Doubles(doubles, missing) : ofDoubles(doubles);
  }

  private Column ofFloats(float[] values) {
    if (type == FieldType.FLOAT) {
      return new Column.Floats(values, missing);
    }
    double[] doubles = new double[values.length];
    for (int row = 0; row < values.length; row++) {
      doubles[row] = values[row];
    }
    return new Column.Doubles(doubles, missing);
  }

  private Column ofDoubles(double[] values) {
    if (type == FieldType.DOUBLE) {
      return new Column.Doubles(values, missing);
    }
    float[] floats = new float[values.length];
    for (int row = 0; row < values.length; row++) {
      floats[row] = (float) values[row];
      boolean exact = floats[row] == values[row] || Double.isNaN(values[row]);
      require(exact || missing[row], row, values[row]);
    }
    return new Column.Floats(floats, missing);
  }

  private Column ofStrings(String[] values) {
    for (int row = 0; row < values.length; row++) {
      if (values[row] == null && !missing[row]) {
        throw new InvalidInput(
            tensor, "the input '%s', row %d: the bytes are not UTF-8".formatted(tensor, row));
      }
    }
    return new Column.Strings(values, missing);
  }

  private void require(boolean holds, int row, Object value) {
    if (!holds) {
      String text =
          datatype == Datatype.UINT64 ? Long.toUnsignedString((Long) value) : value.toString();
      throw new InvalidInput(
          tensor,
          "the input '%s', row %d: %s is not a value of %s for a field of type %s"
              .formatted(tensor, row, text, datatype, type.text()));
    }
  }
}
