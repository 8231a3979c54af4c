package org.pillion.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A growing buffer of the packed form. */
final class BatchEncoder {
  private ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);

  void int32(int value) {
    room(Integer.BYTES).putInt(value);
  }

  void text(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    int32(encoded.length);
    room(encoded.length).put(encoded);
  }

  void column(String name, Column column) {
    text(name);
    int rows = column.rows();
    room(1).put(TypeCode.code(column.type()));
    room(rows);
    for (boolean flag : column.missing()) {
      bytes.put((byte) (flag ? 1 : 0));
    }
    room((long) rows * TypeCode.width(column.type()));
    if (column instanceof Column.Doubles doubles) {
      for (double value : doubles.values()) {
        bytes.putDouble(value);
      }
    } else if (column instanceof Column.Longs longs) {
      for (long value : longs.values()) {
        bytes.putLong(value);
      }
    } else if (column instanceof Column.Floats floats) {
      for (float value : floats.values()) {
        bytes.putFloat(value);
      }
    } else if (column instanceof Column.Booleans booleans) {
      for (boolean value : booleans.values()) {
        bytes.put((byte) (value ? 1 : 0));
      }
    } else {
      for (int row = 0; row < rows; row++) {
        text(column.isMissing(row) ? "" : (String) column.value(row));
      }
    }
  }

  byte[] toBytes() {
    byte[] out = new byte[bytes.position()];
    bytes.flip().get(out);
    return out;
  }

  private ByteBuffer room(long length) {
    if (length > bytes.remaining()) {
      long needed = Math.max(2L * bytes.capacity(), bytes.position() + length);
      ByteBuffer larger =
          ByteBuffer.allocate(Math.toIntExact(Math.min(needed, maximum(length))))
              .order(ByteOrder.LITTLE_ENDIAN);
      larger.put(bytes.flip());
      bytes = larger;
    }
    return bytes;
  }

  /** Doubling stops short of the longest array; what does not fit then is an overflow. */
  private long maximum(long length) {
    return Math.max(Integer.MAX_VALUE - 8L, bytes.position() + length);
  }
}
