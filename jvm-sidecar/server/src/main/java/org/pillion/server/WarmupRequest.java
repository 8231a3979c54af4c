package org.pillion.server;

import com.google.protobuf.UnsafeByteOperations;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.pillion.registry.VersionId;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.ModelInferRequest;
import org.pillion.server.protocol.ModelInferRequest.InferInputTensor;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;
import org.pillion.server.v2.InferBody;

/** A request for the outputs of one row. */
record WarmupRequest(RequestOptions options, Buffer body) {
  /** The row over HTTP, as JSON and with binary tensors. */
  static List<WarmupRequest> http(VersionId id, ColumnBatch row) {
    String model = URLEncoder.encode(id.model(), StandardCharsets.UTF_8).replace("+", "%20");
    String path = "/v2/models/%s/versions/%d/infer".formatted(model, id.version());
    JsonArray values = new JsonArray();
    JsonArray sizes = new JsonArray();
    Buffer tensors = Buffer.buffer();
    for (Column column : row.columns()) {
      String name = row.contract().inputs().get(values.size()).name();
      byte[] bytes = RawTensor.write(column);
      tensors.appendBytes(bytes);
      JsonObject size = new JsonObject().put("binary_data_size", bytes.length);
      if (column.isMissing(0)) {
        size.put(MissingRows.PARAMETER, "0");
      }
      values.add(tensor(name, column).put("data", new JsonArray().add(column.value(0))));
      sizes.add(tensor(name, column).put("parameters", size));
    }
    Buffer head = new JsonObject().put("inputs", sizes).toBuffer();
    return List.of(
        new WarmupRequest(post(path), new JsonObject().put("inputs", values).toBuffer()),
        new WarmupRequest(
            post(path).putHeader(InferBody.HEADER, Integer.toString(head.length())),
            head.appendBuffer(tensors)));
  }

  private static JsonObject tensor(String name, Column column) {
    return new JsonObject()
        .put("name", name)
        .put("datatype", Datatype.of(column.type()).name())
        .put("shape", new JsonArray().add(1));
  }

  /** The row as a call of gRPC. */
  static WarmupRequest grpc(VersionId id, ColumnBatch row) {
    ModelInferRequest.Builder message =
        ModelInferRequest.newBuilder()
            .setModelName(id.model())
            .setModelVersion(Long.toString(id.version()));
    for (Column column : row.columns()) {
      InferInputTensor.Builder tensor =
          InferInputTensor.newBuilder()
              .setName(row.contract().inputs().get(message.getInputsCount()).name())
              .setDatatype(Datatype.of(column.type()).name())
              .addShape(1);
      if (column.isMissing(0)) {
        tensor.putParameters(
            MissingRows.PARAMETER, InferParameter.newBuilder().setStringParam("0").build());
      }
      message.addInputs(tensor);
      message.addRawInputContents(UnsafeByteOperations.unsafeWrap(RawTensor.write(column)));
    }
    byte[] bytes = message.build().toByteArray();
    return new WarmupRequest(
        post("/inference.GRPCInferenceService/ModelInfer")
            .putHeader("Content-Type", "application/grpc")
            .putHeader("TE", "trailers"),
        Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes));
  }

  private static RequestOptions post(String path) {
    return new RequestOptions().setMethod(HttpMethod.POST).setURI(path);
  }
}
