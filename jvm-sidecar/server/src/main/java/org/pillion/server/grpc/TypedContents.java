package org.pillion.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.charset.StandardCharsets;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.protocol.InferTensorContents;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.TensorItems;
import org.pillion.server.text.Utf8;

/**
 * The values of a tensor in {@code InferTensorContents}: a repeated field per family of datatypes.
 */
final class TypedContents {
  private TypedContents() {}

  private static int fieldOf(Datatype datatype) {
    return switch (datatype) {
      case BOOL -> InferTensorContents.BOOL_CONTENTS_FIELD_NUMBER;
      case INT8, INT16, INT32 -> InferTensorContents.INT_CONTENTS_FIELD_NUMBER;
      case INT64 -> InferTensorContents.INT64_CONTENTS_FIELD_NUMBER;
      case UINT8, UINT16, UINT32 -> InferTensorContents.UINT_CONTENTS_FIELD_NUMBER;
      case UINT64 -> InferTensorContents.UINT64_CONTENTS_FIELD_NUMBER;
      case FP32 -> InferTensorContents.FP32_CONTENTS_FIELD_NUMBER;
      case FP64 -> InferTensorContents.FP64_CONTENTS_FIELD_NUMBER;
      case BYTES -> InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER;
    };
  }

  /**
   * Reads a contents message.
   *
   * @throws InvalidInput when the values are not in the field of the datatype
   */
  static TensorItems read(
      String tensor, Datatype datatype, InputRules rules, InferTensorContents contents) {
    Protobuf.requireTypes(contents);
    int count = count(contents, fieldOf(datatype));
    if (count != count(contents, 0)) {
      throw elsewhere(tensor, datatype, contents);
    }
    rules.requireRoom(tensor, count);
    return switch (datatype) {
      case BOOL -> booleans(contents);
      case FP32 -> floats(contents);
      case FP64 -> doubles(contents);
      case BYTES -> texts(contents);
      default -> new TensorItems.Longs(longs(datatype, contents));
    };
  }

  /** The number of values in a field, or in all of them where it is 0. */
  private static int count(InferTensorContents contents, int field) {
    return switch (field) {
      case InferTensorContents.BOOL_CONTENTS_FIELD_NUMBER -> contents.getBoolContentsCount();
      case InferTensorContents.INT_CONTENTS_FIELD_NUMBER -> contents.getIntContentsCount();
      case InferTensorContents.INT64_CONTENTS_FIELD_NUMBER -> contents.getInt64ContentsCount();
      case InferTensorContents.UINT_CONTENTS_FIELD_NUMBER -> contents.getUintContentsCount();
      case InferTensorContents.UINT64_CONTENTS_FIELD_NUMBER -> contents.getUint64ContentsCount();
      case InferTensorContents.FP32_CONTENTS_FIELD_NUMBER -> contents.getFp32ContentsCount();
      case InferTensorContents.FP64_CONTENTS_FIELD_NUMBER -> contents.getFp64ContentsCount();
      case InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER -> contents.getBytesContentsCount();
      default -> {
        int all = 0;
        for (int each = 1; each <= InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER; each++) {
          all += count(contents, each);
        }
        yield all;
      }
    };
  }

  private static InvalidInput elsewhere(
      String tensor, Datatype datatype, InferTensorContents contents) {
    int expected = fieldOf(datatype);
    String found =
        contents.getAllFields().keySet().stream()
            .filter(field -> field.getNumber() != expected)
            .map(FieldDescriptor::getName)
            .findFirst()
            .orElseThrow();
    return new InvalidInput(
        tensor,
        "the input '%s' has values in %s, but its datatype's are in %s"
            .formatted(
                tensor,
                found,
                InferTensorContents.getDescriptor().findFieldByNumber(expected).getName()));
  }

  /** Whether a contents message has no value. */
  static boolean isEmpty(InferTensorContents contents) {
    return count(contents, 0) == 0;
  }

  private static TensorItems booleans(InferTensorContents contents) {
    boolean[] values = new boolean[contents.getBoolContentsCount()];
    for (int row = 0; row < values.length; row++) {
      values[row] = contents.getBoolContents(row);
    }
    return new TensorItems.Booleans(values);
  }

  private static TensorItems floats(InferTensorContents contents) {
    float[] values = new float[contents.getFp32ContentsCount()];
    for (int row = 0; row < values.length; row++) {
      values[row] = contents.getFp32Contents(row);
    }
    return new TensorItems.Floats(values);
  }

  private static TensorItems doubles(InferTensorContents contents) {
    double[] values = new double[contents.getFp64ContentsCount()];
    for (int row = 0; row < values.length; row++) {
      values[row] = contents.getFp64Contents(row);
    }
    return new TensorItems.Doubles(values);
  }

  private static TensorItems texts(InferTensorContents contents) {
    String[] values = new String[contents.getBytesContentsCount()];
    for (int row = 0; row < values.length; row++) {
      byte[] text = contents.getBytesContents(row).toByteArray();
      values[row] = Utf8.text(text, 0, text.length);
    }
    return new TensorItems.Strings(values);
  }

  private static long[] longs(Datatype datatype, InferTensorContents contents) {
    long[] values = new long[count(contents, fieldOf(datatype))];
    for (int row = 0; row < values.length; row++) {
      values[row] =
          switch (datatype) {
            case INT64 -> contents.getInt64Contents(row);
            case UINT64 -> contents.getUint64Contents(row);
            case UINT8, UINT16, UINT32 -> Integer.toUnsignedLong(contents.getUintContents(row));
            default -> contents.getIntContents(row);
          };
    }
    return values;
  }

  /** The contents message of a column; a missing value is NaN, 0 or empty. */
  static InferTensorContents write(Column column) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    boolean[] missing = column.missing();
    for (int row = 0; row < missing.length; row++) {
      if (column instanceof Column.Doubles doubles) {
        contents.addFp64Contents(missing[row] ? Double.NaN : doubles.values()[row]);
      } else if (column instanceof Column.Floats floats) {
        contents.addFp32Contents(missing[row] ? Float.NaN : floats.values()[row]);
      } else if (column instanceof Column.Booleans booleans) {
        contents.addBoolContents(!missing[row] && booleans.values()[row]);
      } else if (column instanceof Column.Longs longs) {
        contents.addInt64Contents(missing[row] ? 0 : longs.values()[row]);
      } else if (column instanceof Column.Strings strings) {
        contents.addBytesContents(missing[row] ? ByteString.EMPTY : text(strings.values()[row]));
      }
    }
    return contents.build();
  }

  private static ByteString text(String text) {
    return UnsafeByteOperations.unsafeWrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
