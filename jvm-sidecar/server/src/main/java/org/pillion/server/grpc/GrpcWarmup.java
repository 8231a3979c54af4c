package org.pillion.server.grpc;

import com.google.protobuf.UnsafeByteOperations;
import java.util.List;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.Column;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.inference.InferService;
import org.pillion.server.inference.RequestParts;
import org.pillion.server.inference.Warmup;
import org.pillion.server.protocol.ModelInferRequest;
import org.pillion.server.protocol.ModelInferRequest.InferInputTensor;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;

/** Handles synthetic calls, with raw and with typed contents, before the first real one. */
public final class GrpcWarmup {
  private static final int CALLS = 20;

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
        InferMessage message = InferMessage.read(call, MemoryBudget.UNLIMITED);
        service
            .answer(
                model,
                MemoryBudget.UNLIMITED,
                () -> message.request(new InputRules(contract, 1, MemoryBudget.UNLIMITED)),
                scored -> InferMessageWriter.write(scored, message.isRaw()),
                0)
            .toByteArray();
      }
    }
  }

  /** One row in which every input is missing; it may fail. */
  private static byte[] call(FeatureContract contract, boolean raw) {
    ModelInferRequest.Builder message =
        ModelInferRequest.newBuilder()
            .putParameters(RequestParts.ON_ROW_ERROR, InferMessageWriter.text("null"));
    for (InputField field : contract.inputs()) {
      Column missing = Warmup.missing(field);
      InferInputTensor.Builder tensor =
          InferInputTensor.newBuilder()
              .setName(field.name())
              .setDatatype(Datatype.of(field.type()).name())
              .addShape(1)
              .putParameters(MissingRows.PARAMETER, InferMessageWriter.text("0"));
      if (raw) {
        message.addRawInputContents(UnsafeByteOperations.unsafeWrap(RawTensor.write(missing)));
      } else {
        tensor.setContents(TypedContents.write(missing));
      }
      message.addInputs(tensor);
    }
    return message.build().toByteArray();
  }
}
