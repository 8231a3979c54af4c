package org.pillion.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A bounds-checked cursor over the packed form; every overrun is an {@link InvalidInput}. */
final class BatchDecoder {
  private final ByteBuffer bytes;

  BatchDecoder(byte[] packed) {
    bytes = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
  }

  int count(String what) {
    require(Integer.BYTES, what);
    int value = bytes.getInt();
    if (value < 0) {
      throw new InvalidInput("packed batch: " + what + " is negative: " + value);
    }
    return value;
  }

  String text(String what) {
    int length = count("the length of " + what);
    require(length, what);
    ByteBuffer slice = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    try {
      // A fresh decoder reports malformed bytes, where new String would replace them.
      return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidInput("packed batch: " + what + " is not valid UTF-8");
    }
  }

  Column column(String name, int rows) {
    String what = "the column '" + name + "'";
    require(1, what);
    byte code = bytes.get();
    FieldType type = TypeCode.of(code, name);
    require(rows, what);
    boolean[] missing = flags(rows, what);
    require((long) rows * TypeCode.width(type), what);
    return switch (type) {
      case BOOLEAN -> new Column.Booleans(flags(rows, what), missing);
      case INTEGER -> {
        long[] values = new long[rows];
        bytes.asLongBuffer().get(values);
        skip(rows * Long.BYTES);
        yield new Column.Longs(values, missing);
      }
      case FLOAT -> {
        float[] values = new float[rows];
        bytes.asFloatBuffer().get(values);
        skip(rows * Float.BYTES);
        yield new Column.Floats(values, missing);
      }
      case DOUBLE -> {
        double[] values = new double[rows];
        bytes.asDoubleBuffer().get(values);
        skip(rows * Double.BYTES);
        yield new Column.Doubles(values, missing);
      }
      case STRING -> {
        String[] values = new String[rows];
        for (int row = 0; row < rows; row++) {
          String value = text(what + ", row " + row);
          values[row] = missing[row] ? null : value;
        }
        yield new Column.Strings(values, missing);
      }
    };
  }

  void end() {
    if (bytes.hasRemaining()) {
      throw new InvalidInput("packed batch: " + bytes.remaining() + " bytes follow the end");
    }
  }

  private boolean[] flags(int rows, String what) {
    boolean[] flags = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      byte flag = bytes.get();
      if (flag != 0 && flag != 1) {
        throw new InvalidInput("packed batch: " + what + ", row " + row + " has a flag of " + flag);
      }
      flags[row] = flag == 1;
    }
    return flags;
  }

  private void skip(int length) {
    bytes.position(bytes.position() + length);
  }

  /** Checked before anything is allocated, so that a forged count costs nothing. */
  private void require(long length, String what) {
    if (length > bytes.remaining()) {
      throw new InvalidInput(
          "packed batch: %s needs %d bytes, but %d are left"
              .formatted(what, length, bytes.remaining()));
    }
  }
}
