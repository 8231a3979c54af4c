package org.pillion.client;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FieldType;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.ModelInferRequest.InferInputTensor;
import org.pillion.server.protocol.ModelInferResponse.InferOutputTensor;

/** Columns as tensors with raw contents, little-endian, and back. */
final class Tensors {
  private static final String MISSING_ROWS = "missing_rows";

  private Tensors() {}

  /** The head of a column's tensor, whose values are its {@link #bytes}. */
  static InferInputTensor head(String name, Column column) {
    InferInputTensor.Builder tensor =
        InferInputTensor.newBuilder()
            .setName(name)
            .setDatatype(datatype(column.type()))
            .addShape(column.rows());
    String missing = missingRows(column);
    if (!missing.isEmpty()) {
      tensor.putParameters(
          MISSING_ROWS, InferParameter.newBuilder().setStringParam(missing).build());
    }
    return tensor.build();
  }

  /** A column's values. */
  static ByteString bytes(Column column) {
    if (column instanceof Column.Strings texts) {
      ByteString.Output out = ByteString.newOutput();
      for (int row = 0; row < column.rows(); row++) {
        byte[] text =
            texts.isMissing(row)
                ? new byte[0]
                : texts.values()[row].getBytes(StandardCharsets.UTF_8);
        byte[] length =
            ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(text.length)
                .array();
        out.write(length, 0, length.length);
        out.write(text, 0, text.length);
      }
      return out.toByteString();
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(column.rows() * width(column.type())).order(ByteOrder.LITTLE_ENDIAN);
    if (column instanceof Column.Doubles numbers) {
      bytes.asDoubleBuffer().put(numbers.values());
    } else if (column instanceof Column.Longs numbers) {
      bytes.asLongBuffer().put(numbers.values());
    } else if (column instanceof Column.Floats numbers) {
      bytes.asFloatBuffer().put(numbers.values());
    } else if (column instanceof Column.Booleans flags) {
      for (boolean flag : flags.values()) {
        bytes.put((byte) (flag ? 1 : 0));
      }
      bytes.rewind();
    }
    return ByteString.copyFrom(bytes);
  }

  /**
   * An output's values.
   *
   * @throws RankerUnavailable when the bytes are not so many values
   */
  static Column read(InferOutputTensor tensor, ByteString raw) {
    int rows = Math.toIntExact(tensor.getShape(0));
    FieldType type = type(tensor.getDatatype(), tensor.getName());
    boolean[] missing = new boolean[rows];
    InferParameter parameter = tensor.getParametersMap().get(MISSING_ROWS);
    if (parameter != null) {
      mark(missing, parameter.getStringParam());
    }
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    ColumnBuilder column = new ColumnBuilder(tensor.getName(), type, rows);
    for (int row = 0; row < rows; row++) {
      Object value = value(bytes, type);
      column.addBoxed(missing[row] ? null : value);
    }
    return column.build();
  }

  private static Object value(ByteBuffer bytes, FieldType type) {
    return switch (type) {
      case BOOLEAN -> bytes.get() != 0;
      case INTEGER -> bytes.getLong();
      case FLOAT -> bytes.getFloat();
      case DOUBLE -> bytes.getDouble();
      case STRING -> {
        byte[] text = new byte[bytes.getInt()];
        bytes.get(text);
        yield new String(text, StandardCharsets.UTF_8);
      }
    };
  }

  /** The type of a V2 datatype. */
  static FieldType type(String datatype, String field) {
    return switch (datatype) {
      case "BOOL" -> FieldType.BOOLEAN;
      case "INT64" -> FieldType.INTEGER;
      case "FP32" -> FieldType.FLOAT;
      case "FP64" -> FieldType.DOUBLE;
      case "BYTES" -> FieldType.STRING;
      default ->
          throw new RankerUnavailable(
              RankerUnavailable.Kind.FAILED,
              "the sidecar says that '%s' is of type %s, which this client does not know"
                  .formatted(field, datatype),
              null);
    };
  }

  private static String datatype(FieldType type) {
    return switch (type) {
      case BOOLEAN -> "BOOL";
      case INTEGER -> "INT64";
      case FLOAT -> "FP32";
      case DOUBLE -> "FP64";
      case STRING -> "BYTES";
    };
  }

  private static int width(FieldType type) {
    return switch (type) {
      case BOOLEAN -> 1;
      case FLOAT -> Float.BYTES;
      default -> Double.BYTES;
    };
  }

  /** Missing rows as {@code 0,3,7-9}. */
  private static String missingRows(Column column) {
    StringBuilder text = new StringBuilder();
    int rows = column.rows();
    for (int row = 0; row < rows; row++) {
      if (column.isMissing(row)) {
        int first = row;
        while (row + 1 < rows && column.isMissing(row + 1)) {
          row++;
        }
        text.append(text.isEmpty() ? "" : ",").append(first);
        if (row > first) {
          text.append('-').append(row);
        }
      }
    }
    return text.toString();
  }

  private static void mark(boolean[] missing, String rows) {
    for (String part : rows.split(",")) {
      int dash = part.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
      for (int row = first; row <= last; row++) {
        missing[row] = true;
      }
    }
  }
}
