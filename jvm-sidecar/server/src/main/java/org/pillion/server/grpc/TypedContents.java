package org.pillion.server.grpc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.InputRules;
import org.pillion.server.inference.RawTensor;
import org.pillion.server.inference.TensorItems;
import org.pillion.server.inference.Utf8;

/**
 * The values of a tensor in {@code InferTensorContents}: a repeated field per family of datatypes.
 */
final class TypedContents {
  private static final String[] NAMES = {
    "", "bool", "int", "int64", "uint", "uint64", "fp32", "fp64", "bytes"
  };
  private static final int BOOL = 1;
  private static final int INT = 2;
  private static final int INT64 = 3;
  private static final int UINT = 4;
  private static final int UINT64 = 5;
  private static final int FP32 = 6;
  private static final int FP64 = 7;
  private static final int BYTES = 8;
  private static final int INITIAL_ROWS = 16;

  private final String tensor;
  private final InputRules rules;
  private final int expected;
  private long[] longs = {};
  private float[] floats = {};
  private double[] doubles = {};
  private final List<String> strings = new ArrayList<>();
  private int count;

  private TypedContents(String tensor, InputRules rules, int expected) {
    this.tensor = tensor;
    this.rules = rules;
    this.expected = expected;
  }

  private static int fieldOf(Datatype datatype) {
    return switch (datatype) {
      case BOOL -> BOOL;
      case INT8, INT16, INT32 -> INT;
      case INT64 -> INT64;
      case UINT8, UINT16, UINT32 -> UINT;
      case UINT64 -> UINT64;
      case FP32 -> FP32;
      case FP64 -> FP64;
      case BYTES -> BYTES;
    };
  }

  /** Whether a contents message has any value. */
  static boolean isEmpty(ProtoReader contents) {
    while (contents.next()) {
      if (!contents.isPacked() || contents.field() == BYTES || contents.bytes().hasRemaining()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a contents message.
   *
   * @throws InvalidInput when the values are not in the field of the datatype
   */
  static TensorItems read(
      String tensor, Datatype datatype, InputRules rules, ProtoReader contents) {
    TypedContents typed = new TypedContents(tensor, rules, fieldOf(datatype));
    while (contents.next()) {
      typed.take(contents);
    }
    return typed.items(datatype);
  }

  private void take(ProtoReader contents) {
    int field = contents.field();
    if (field >= NAMES.length) {
      contents.skip();
    } else if (field != expected) {
      throw new InvalidInput(
          tensor,
          "the input '%s' has values in %s_contents, but its datatype's are in %s_contents"
              .formatted(tensor, NAMES[field], NAMES[expected]));
    } else if (field == BYTES) {
      ByteBuffer text = contents.bytes();
      grow(1);
      strings.add(Utf8.text(text.array(), text.arrayOffset(), text.remaining()));
    } else if (field == FP64) {
      takeDoubles(contents);
    } else if (field == FP32) {
      takeFloats(contents);
    } else if (contents.isPacked()) {
      ProtoReader packed = contents.message();
      while (packed.hasMore()) {
        takeLong(packed.readVarint());
      }
    } else {
      takeLong(contents.varint());
    }
  }

  private void takeLong(long value) {
    int at = grow(1);
    longs = longs.length < count ? Arrays.copyOf(longs, capacity(longs.length)) : longs;
    longs[at] =
        switch (expected) {
          case INT -> (int) value;
          case UINT -> value & 0xFFFF_FFFFL;
          default -> value;
        };
  }

  private void takeDoubles(ProtoReader contents) {
    if (!contents.isPacked()) {
      int at = grow(1);
      doubles = doubles.length < count ? Arrays.copyOf(doubles, capacity(doubles.length)) : doubles;
      doubles[at] = Double.longBitsToDouble(contents.fixed64());
      return;
    }
    ByteBuffer packed = contents.bytes();
    int at = grow(values(packed, Double.BYTES));
    doubles = doubles.length < count ? Arrays.copyOf(doubles, capacity(doubles.length)) : doubles;
    packed.asDoubleBuffer().get(doubles, at, count - at);
  }

  private void takeFloats(ProtoReader contents) {
    if (!contents.isPacked()) {
      int at = grow(1);
      floats = floats.length < count ? Arrays.copyOf(floats, capacity(floats.length)) : floats;
      floats[at] = Float.intBitsToFloat(contents.fixed32());
      return;
    }
    ByteBuffer packed = contents.bytes();
    int at = grow(values(packed, Float.BYTES));
    floats = floats.length < count ? Arrays.copyOf(floats, capacity(floats.length)) : floats;
    packed.asFloatBuffer().get(floats, at, count - at);
  }

  private int values(ByteBuffer packed, int size) {
    if (packed.remaining() % size != 0) {
      throw new InvalidInput(
          tensor,
          "the input '%s' has %d bytes of values, but each has %d"
              .formatted(tensor, packed.remaining(), size));
    }
    return packed.remaining() / size;
  }

  /** Counts more values and returns the index of the first. */
  private int grow(int more) {
    rules.requireRoom(tensor, (long) count + more);
    int at = count;
    count += more;
    return at;
  }

  /** Room for what was counted; grows by the factor 2, so that many small parts are cheap. */
  private int capacity(int before) {
    return Math.max(count, Math.max(INITIAL_ROWS, 2 * before));
  }

  private TensorItems items(Datatype datatype) {
    return switch (datatype) {
      case BOOL -> {
        boolean[] booleans = new boolean[count];
        for (int row = 0; row < count; row++) {
          booleans[row] = longs[row] != 0;
        }
        yield new TensorItems.Booleans(booleans);
      }
      case FP32 -> new TensorItems.Floats(Arrays.copyOf(floats, count));
      case FP64 ->
          new TensorItems.Doubles(
              doubles.length == count ? doubles : Arrays.copyOf(doubles, count));
      case BYTES -> new TensorItems.Strings(strings.toArray(String[]::new));
      default -> new TensorItems.Longs(Arrays.copyOf(longs, count));
    };
  }

  /** The contents message of a column; a missing value is NaN, 0 or empty. */
  static byte[] write(Column column) {
    ProtoWriter message = new ProtoWriter();
    if (column instanceof Column.Doubles) {
      message.bytes(FP64, RawTensor.write(column));
    } else if (column instanceof Column.Floats) {
      message.bytes(FP32, RawTensor.write(column));
    } else if (column instanceof Column.Booleans) {
      message.bytes(BOOL, RawTensor.write(column));
    } else if (column instanceof Column.Longs longs) {
      ProtoWriter packed = new ProtoWriter();
      for (int row = 0; row < longs.rows(); row++) {
        packed.rawVarint(longs.isMissing(row) ? 0 : longs.values()[row]);
      }
      message.bytes(INT64, packed.toBytes());
    } else if (column instanceof Column.Strings strings) {
      for (int row = 0; row < strings.rows(); row++) {
        String text = strings.isMissing(row) ? "" : strings.values()[row];
        message.bytes(BYTES, text.getBytes(StandardCharsets.UTF_8));
      }
    }
    return message.toBytes();
  }
}
