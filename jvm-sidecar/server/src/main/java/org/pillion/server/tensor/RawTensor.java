package org.pillion.server.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.text.Utf8;

/**
 * A tensor's items as bytes: little-endian, one after the other; BYTES items each after their
 * length in four bytes.
 */
public final class RawTensor {
  private static final int LENGTH_BYTES = Integer.BYTES;

  private RawTensor() {}

  /**
   * Reads the items of a tensor.
   *
   * @param bytes exactly the tensor's bytes; texts are in an array
   * @param rows how many items its shape promises
   * @throws InvalidInput when there are more or fewer bytes than that, or an item is not a value
   */
  public static void read(TensorColumn column, int rows, ByteBuffer bytes) {
    ByteBuffer source = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    Datatype datatype = column.datatype();
    if (datatype == Datatype.BYTES) {
      readTexts(column, rows, source);
      return;
    }
    long expected = (long) rows * datatype.size();
    if (source.remaining() != expected) {
      throw new InvalidInput(
          column.tensor(),
          "the input '%s' has %d bytes, but %d values of %s are %d bytes"
              .formatted(column.tensor(), source.remaining(), rows, datatype, expected));
    }
    switch (datatype) {
      case FP32 -> column.addAll(source.asFloatBuffer());
      case FP64 -> column.addAll(source.asDoubleBuffer());
      case INT64 -> column.addAll(source.asLongBuffer());
      default -> {
        column.reserve(rows);
        while (source.hasRemaining()) {
          readOne(column, source);
        }
      }
    }
  }

  private static void readOne(TensorColumn column, ByteBuffer source) {
    switch (column.datatype()) {
      case BOOL -> column.add(flag(column, source.get()));
      case INT8 -> column.add((long) source.get());
      case INT16 -> column.add((long) source.getShort());
      case INT32 -> column.add((long) source.getInt());
      case UINT8 -> column.add(source.get() & 0xFFL);
      case UINT16 -> column.add(source.getShort() & 0xFFFFL);
      case UINT32 -> column.add(source.getInt() & 0xFFFF_FFFFL);
      default -> column.add(source.getLong());
    }
  }

  private static boolean flag(TensorColumn column, byte value) {
    if (value != 0 && value != 1) {
      throw new InvalidInput(
          column.tensor(),
          "the input '%s', row %d: %d is not a value of BOOL, which is 0 or 1"
              .formatted(column.tensor(), column.rows(), value & 0xFF));
    }
    return value == 1;
  }

  private static void readTexts(TensorColumn column, int rows, ByteBuffer source) {
    String tensor = column.tensor();
    if (source.remaining() < (long) rows * LENGTH_BYTES) {
      throw truncated(tensor, rows, source.remaining() / LENGTH_BYTES);
    }
    column.reserve(rows);
    for (int row = 0; row < rows; row++) {
      long length = source.remaining() < LENGTH_BYTES ? -1 : source.getInt() & 0xFFFF_FFFFL;
      if (length < 0 || length > source.remaining()) {
        throw truncated(tensor, rows, row);
      }
      int start = source.arrayOffset() + source.position();
      column.add(Utf8.text(source.array(), start, (int) length));
      source.position(source.position() + (int) length);
    }
    if (source.hasRemaining()) {
      throw new InvalidInput(
          tensor,
          "the input '%s' has %d bytes after its %d values"
              .formatted(tensor, source.remaining(), rows));
    }
  }

  private static InvalidInput truncated(String tensor, int rows, int row) {
    return new InvalidInput(
        tensor,
        "the input '%s' ends within row %d, but its shape promises %d values"
            .formatted(tensor, row, rows));
  }

  /** The bytes of a column, in the datatype of its type; missing values are NaN, 0 or empty. */
  public static byte[] write(Column column) {
    if (column instanceof Column.Strings strings) {
      return bytes(strings);
    }
    int rows = column.rows();
    ByteBuffer out =
        ByteBuffer.allocate(rows * Datatype.of(column.type()).size())
            .order(ByteOrder.LITTLE_ENDIAN);
    boolean[] missing = column.missing();
    if (column instanceof Column.Doubles doubles) {
      for (int row = 0; row < rows; row++) {
        out.putDouble(missing[row] ? Double.NaN : doubles.values()[row]);
      }
    } else if (column instanceof Column.Floats floats) {
      for (int row = 0; row < rows; row++) {
        out.putFloat(missing[row] ? Float.NaN : floats.values()[row]);
      }
    } else if (column instanceof Column.Longs longs) {
      for (int row = 0; row < rows; row++) {
        out.putLong(missing[row] ? 0 : longs.values()[row]);
      }
    } else if (column instanceof Column.Booleans booleans) {
      for (int row = 0; row < rows; row++) {
        out.put((byte) (!missing[row] && booleans.values()[row] ? 1 : 0));
      }
    }
    return out.array();
  }

  private static byte[] bytes(Column.Strings column) {
    byte[][] texts = new byte[column.rows()][];
    int length = 0;
    for (int row = 0; row < texts.length; row++) {
      String text = column.isMissing(row) ? "" : column.values()[row];
      texts[row] = text.getBytes(StandardCharsets.UTF_8);
      length = Math.addExact(length, LENGTH_BYTES + texts[row].length);
    }
    ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] text : texts) {
      out.putInt(text.length).put(text);
    }
    return out.array();
  }
}
