package org.pillion.server.grpc;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.Column;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.MissingRows;
import org.pillion.server.inference.RawTensor;
import org.pillion.server.inference.ResponseHeader;
import org.pillion.server.inference.RowErrors;
import org.pillion.server.inference.Scored;

/** Writes the message {@code ModelInferResponse}. */
final class InferMessageWriter {
  private InferMessageWriter() {}

  /**
   * The message of a scored request.
   *
   * @param raw whether values are written as raw bytes
   */
  static byte[] write(Scored scored, boolean raw) {
    ScoreResult result = scored.result();
    ProtoWriter message = new ProtoWriter();
    writeHeader(message, scored.header());
    List<byte[]> tail = new ArrayList<>();
    for (int position : scored.request().outputs()) {
      OutputField field = result.fields().get(position);
      Column column = result.columns().get(position);
      message.message(5, tensor -> writeTensor(tensor, field, column, raw));
      if (raw) {
        tail.add(RawTensor.write(column));
      }
    }
    tail.forEach(bytes -> message.bytes(6, bytes));
    return message.toBytes();
  }

  /** Writes the fields 1 to 4: model, version, id, parameters. */
  static void writeHeader(ProtoWriter message, ResponseHeader header) {
    message
        .string(1, header.model().id().model())
        .string(2, Long.toString(header.model().id().version()));
    if (header.id() != null) {
      message.string(3, header.id());
    }
    parameter(message, 4, "engine", header.model().scorer().engine());
    parameter(message, 4, "arithmetic", header.model().scorer().arithmetic().text());
    parameter(message, 4, "timings", header.timings().toJson());
    if (!header.errors().isEmpty()) {
      parameter(message, 4, RowErrors.PARAMETER, RowErrors.toJson(header.errors()));
    }
  }

  private static void writeTensor(
      ProtoWriter tensor, OutputField field, Column column, boolean raw) {
    tensor.string(1, field.name()).string(2, Datatype.of(field.type()).name());
    tensor.bytes(3, new ProtoWriter().rawVarint(column.rows()).toBytes());
    String missing = MissingRows.text(column.missing());
    if (missing != null) {
      parameter(tensor, 4, MissingRows.PARAMETER, missing);
    }
    if (!raw) {
      tensor.bytes(5, TypedContents.write(column));
    }
  }

  private static void parameter(ProtoWriter message, int field, String key, String text) {
    message.message(
        field, entry -> entry.string(1, key).message(2, value -> value.string(3, text)));
  }
}
