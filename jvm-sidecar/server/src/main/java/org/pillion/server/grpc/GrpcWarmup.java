package org.pillion.server.grpc;

import java.util.List;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.Column;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.InferService;
import org.pillion.server.inference.InputRules;
import org.pillion.server.inference.MissingRows;
import org.pillion.server.inference.RawTensor;
import org.pillion.server.inference.RequestParts;
import org.pillion.server.inference.Warmup;

/** Handles synthetic calls, with raw and with typed contents, before the first real one. */
public final class GrpcWarmup {
  private static final int CALLS = 20;
  private static final byte[] ONE_ROW = {1};

  private GrpcWarmup() {}

  /** Warms every version that can serve; counts nothing in the metrics. */
  public static void run(Catalog catalog) {
    Warmup.forEach(catalog, GrpcWarmup::warm);
  }

  private static void warm(InferService service, ModelVersion model) {
    FeatureContract contract = model.scorer().contract();
    List<byte[]> calls = List.of(call(contract, true), call(contract, false));
    for (int i = 0; i < CALLS; i++) {
      for (byte[] call : calls) {
        InferMessage message = InferMessage.read(call);
        service.answer(
            model,
            () -> message.request(new InputRules(contract, 1)),
            scored -> InferMessageWriter.write(scored, message.isRaw()),
            0);
      }
    }
  }

  /** One row in which every input is missing; it may fail. */
  private static byte[] call(FeatureContract contract, boolean raw) {
    ProtoWriter message = new ProtoWriter();
    parameter(message, RequestParts.ON_ROW_ERROR, "null");
    for (InputField field : contract.inputs()) {
      Column missing = Warmup.missing(field);
      message.message(5, tensor -> writeTensor(tensor, field, missing, raw));
      if (raw) {
        message.bytes(7, RawTensor.write(missing));
      }
    }
    return message.toBytes();
  }

  private static void writeTensor(
      ProtoWriter tensor, InputField field, Column missing, boolean raw) {
    tensor.string(1, field.name()).string(2, Datatype.of(field.type()).name()).bytes(3, ONE_ROW);
    parameter(tensor, MissingRows.PARAMETER, "0");
    if (!raw) {
      tensor.bytes(5, TypedContents.write(missing));
    }
  }

  private static void parameter(ProtoWriter message, String key, String text) {
    message.message(4, entry -> entry.string(1, key).message(2, value -> value.string(3, text)));
  }
}
