package org.pillion.server.grpc;

import com.google.protobuf.MessageLite;
import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionId;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;
import org.pillion.server.errors.RequestException;
import org.pillion.server.inference.Extensions;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.metrics.Statistics;
import org.pillion.server.protocol.HealthCheckRequest;
import org.pillion.server.protocol.HealthCheckResponse;
import org.pillion.server.protocol.HealthCheckResponse.ServingStatus;
import org.pillion.server.protocol.InferStatistics;
import org.pillion.server.protocol.ModelMetadataRequest;
import org.pillion.server.protocol.ModelMetadataResponse;
import org.pillion.server.protocol.ModelMetadataResponse.TensorMetadata;
import org.pillion.server.protocol.ModelReadyRequest;
import org.pillion.server.protocol.ModelReadyResponse;
import org.pillion.server.protocol.ModelStatistics;
import org.pillion.server.protocol.ModelStatisticsRequest;
import org.pillion.server.protocol.ModelStatisticsResponse;
import org.pillion.server.protocol.ServerLiveResponse;
import org.pillion.server.protocol.ServerMetadataResponse;
import org.pillion.server.protocol.ServerReadyResponse;
import org.pillion.server.protocol.StatisticDuration;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.text.Truncated;

/** Response messages about the state of the server and its models, for the event loop. */
final class StateMessages {
  /** The length of a column of any length. */
  private static final long ANY_ROWS = -1;

  private final ServerContext server;
  private volatile boolean draining;

  StateMessages(ServerContext server) {
    this.server = server;
  }

  /** From now on the sidecar is not ready. */
  void drain() {
    draining = true;
  }

  boolean isDraining() {
    return draining;
  }

  /** The answer to a call that does not score. */
  MessageLite answer(Rpc rpc, byte[] request) {
    return switch (rpc) {
      case SERVER_LIVE -> ServerLiveResponse.newBuilder().setLive(true).build();
      case SERVER_READY -> ServerReadyResponse.newBuilder().setReady(ready()).build();
      case SERVER_METADATA ->
          ServerMetadataResponse.newBuilder()
              .setName("pillion")
              .setVersion(server.version())
              .addAllExtensions(Extensions.NAMES)
              .build();
      case MODEL_READY -> modelReady(Protobuf.read(ModelReadyRequest.parser(), request));
      case MODEL_METADATA -> metadata(Protobuf.read(ModelMetadataRequest.parser(), request));
      case MODEL_STATISTICS -> statistics(Protobuf.read(ModelStatisticsRequest.parser(), request));
      case HEALTH_CHECK -> health(Protobuf.read(HealthCheckRequest.parser(), request).getService());
      default ->
          throw new RequestException(
              RequestException.Kind.DENIED,
              "the model repository is changed on the admin address only");
    };
  }

  private boolean ready() {
    return !draining && server.models().ready();
  }

  /** A name or a version of a message, whose empty text stands for none. */
  static String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private MessageLite modelReady(ModelReadyRequest request) {
    boolean ready = server.models().isReady(request.getName(), orNull(request.getVersion()));
    return ModelReadyResponse.newBuilder().setReady(ready).build();
  }

  private MessageLite metadata(ModelMetadataRequest request) {
    ModelVersion model = server.models().find(request.getName(), orNull(request.getVersion()));
    ModelMetadataResponse.Builder metadata =
        ModelMetadataResponse.newBuilder()
            .setName(model.id().model())
            .setPlatform("pmml_" + model.scorer().engine());
    for (var version : server.models().catalog().readyVersions(model.id().model())) {
      metadata.addVersions(String.valueOf(version));
    }
    for (InputField input : model.scorer().contract().inputs()) {
      metadata.addInputs(tensor(input.name(), input.type()));
    }
    for (OutputField output : model.scorer().contract().outputs()) {
      metadata.addOutputs(tensor(output.name(), output.type()));
    }
    return metadata.build();
  }

  private static TensorMetadata tensor(String name, FieldType type) {
    return TensorMetadata.newBuilder()
        .setName(name)
        .setDatatype(Datatype.of(type).name())
        .addShape(ANY_ROWS)
        .build();
  }

  private MessageLite statistics(ModelStatisticsRequest request) {
    List<VersionId> ids =
        server.models().versions(orNull(request.getName()), orNull(request.getVersion()));
    ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
    for (Statistics.OfVersion of : server.statistics().of(ids)) {
      response.addModelStats(statistics(of));
    }
    return response.build();
  }

  private static ModelStatistics statistics(Statistics.OfVersion of) {
    return ModelStatistics.newBuilder()
        .setName(of.id().model())
        .setVersion(String.valueOf(of.id().version()))
        .setLastInference(of.lastMillis())
        .setInferenceCount(of.rows())
        .setExecutionCount(of.success().count())
        .setInferenceStats(
            InferStatistics.newBuilder()
                .setSuccess(duration(of.success()))
                .setFail(duration(of.fail()))
                .setQueue(duration(of.queue()))
                .setComputeInput(duration(of.input()))
                .setComputeInfer(duration(of.infer()))
                .setComputeOutput(duration(of.output())))
        .build();
  }

  private static StatisticDuration duration(Statistics.Duration duration) {
    return StatisticDuration.newBuilder()
        .setCount(duration.count())
        .setNs(duration.nanos())
        .build();
  }

  private MessageLite health(String service) {
    ServingStatus status = status(service);
    if (status == ServingStatus.SERVICE_UNKNOWN) {
      throw new RequestException(
          RequestException.Kind.NOT_FOUND, "there is no service '" + Truncated.of(service) + "'");
    }
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  /** The status of a service; the empty name stands for the whole sidecar. */
  ServingStatus status(String service) {
    if (!service.isEmpty() && !service.equals(Rpc.INFERENCE) && !service.equals(Rpc.RANKING)) {
      return ServingStatus.SERVICE_UNKNOWN;
    }
    return ready() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
