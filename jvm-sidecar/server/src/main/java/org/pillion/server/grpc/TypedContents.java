package org.pillion.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.protocol.InferTensorContents;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.TensorColumn;

/**
 * The values of a tensor in {@code InferTensorContents}: a repeated field per family of datatypes.
 * They go from its bytes into a column, one after the other.
 */
final class TypedContents {
  private final TensorColumn column;
  private final FieldDescriptor expected;

  private TypedContents(TensorColumn column) {
    this.column = column;
    this.expected = field(fieldOf(column.datatype()));
  }

  private static FieldDescriptor field(int number) {
    return InferTensorContents.getDescriptor().findFieldByNumber(number);
  }

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
   * Reads the values of a contents message, or of a part of one.
   *
   * @throws InvalidInput when it is none, or the values are not in the field of the datatype
   */
  static void read(TensorColumn column, ByteString contents) {
    try {
      new TypedContents(column).read(contents.newCodedInput());
    } catch (IOException e) {
      throw Protobuf.malformed(e.getMessage());
    }
  }

  private void read(CodedInputStream in) throws IOException {
    in.enableAliasing(true);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = field(WireFormat.getTagFieldNumber(tag));
      int type = WireFormat.getTagWireType(tag);
      if (field == null) {
        in.skipField(tag);
      } else if (field.isPackable() && type == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        readPacked(field, in.readBytes());
      } else if (type == field.getLiteType().getWireType()) {
        requireExpected(field);
        readOne(in);
      } else {
        throw Protobuf.otherType(field.getNumber());
      }
    }
  }

  private void readPacked(FieldDescriptor field, ByteString values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    requireExpected(field);
    ByteBuffer bytes = values.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    Datatype datatype = column.datatype();
    if (datatype.isFloating() && bytes.remaining() % datatype.size() != 0) {
      throw Protobuf.malformed("field " + field.getNumber() + " ends within a value");
    }
    switch (datatype) {
      case FP32 -> column.addAll(bytes.asFloatBuffer());
      case FP64 -> column.addAll(bytes.asDoubleBuffer());
      default -> {
        CodedInputStream in = values.newCodedInput();
        while (!in.isAtEnd()) {
          readOne(in);
        }
      }
    }
  }

  private void readOne(CodedInputStream in) throws IOException {
    switch (column.datatype()) {
      case BOOL -> column.add(in.readBool());
      case INT8, INT16, INT32 -> column.add((long) in.readInt32());
      case INT64, UINT64 -> column.add(in.readRawVarint64());
      case UINT8, UINT16, UINT32 -> column.add(Integer.toUnsignedLong(in.readUInt32()));
      case FP32 -> column.add(in.readFloat());
      case FP64 -> column.add(in.readDouble());
      case BYTES -> {
        ByteString text = in.readBytes();
        column.add(text.isValidUtf8() ? text.toStringUtf8() : null);
      }
    }
  }

  private void requireExpected(FieldDescriptor field) {
    if (field != expected) {
      throw new InvalidInput(
          column.tensor(),
          "the input '%s' has values in %s, but its datatype's are in %s"
              .formatted(column.tensor(), field.getName(), expected.getName()));
    }
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
