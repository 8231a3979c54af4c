package org.pillion.server.grpc;

import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionId;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.Extensions;
import org.pillion.server.inference.RequestException;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.inference.Statistics;
import org.pillion.server.inference.Truncated;

/** Response messages about the state of the server and its models, for the event loop. */
final class StateMessages {
  private static final int SERVING = 1;
  private static final int NOT_SERVING = 2;

  /** The shape of a column of any length. */
  private static final byte[] ANY_ROWS = new ProtoWriter().rawVarint(-1).toBytes();

  private final ServerContext server;

  StateMessages(ServerContext server) {
    this.server = server;
  }

  /** The answer to a call that does not score. */
  byte[] answer(Rpc rpc, byte[] request) {
    return switch (rpc) {
      case SERVER_LIVE -> new ProtoWriter().bool(1, true).toBytes();
      case SERVER_READY -> new ProtoWriter().bool(1, server.models().catalog().ready()).toBytes();
      case SERVER_METADATA -> server();
      case MODEL_READY -> modelReady(NamedVersion.read(request));
      case MODEL_METADATA -> model(NamedVersion.read(request));
      case MODEL_STATISTICS -> statistics(NamedVersion.read(request));
      case HEALTH_CHECK -> health(NamedVersion.read(request).name());
      default ->
          throw new RequestException(
              RequestException.Kind.DENIED,
              "the model repository is changed on the admin address only");
    };
  }

  /** The messages that are a name and perhaps a version. */
  private record NamedVersion(String name, String version) {
    static NamedVersion read(byte[] bytes) {
      String name = "";
      String version = null;
      ProtoReader reader = new ProtoReader(bytes);
      while (reader.next()) {
        switch (reader.field()) {
          case 1 -> name = reader.string();
          case 2 -> version = reader.string();
          default -> reader.skip();
        }
      }
      return new NamedVersion(name, version == null || version.isEmpty() ? null : version);
    }
  }

  private byte[] server() {
    ProtoWriter message = new ProtoWriter().string(1, "pillion").string(2, server.version());
    Extensions.NAMES.forEach(name -> message.string(3, name));
    return message.toBytes();
  }

  private byte[] modelReady(NamedVersion named) {
    return new ProtoWriter()
        .bool(1, server.models().isReady(named.name(), named.version()))
        .toBytes();
  }

  private byte[] model(NamedVersion named) {
    ModelVersion model = server.models().find(named.name(), named.version());
    ProtoWriter message = new ProtoWriter().string(1, model.id().model());
    for (long version : server.models().catalog().readyVersions(model.id().model())) {
      message.string(2, Long.toString(version));
    }
    message.string(3, "pmml_" + model.scorer().engine());
    for (InputField input : model.scorer().contract().inputs()) {
      message.message(4, tensor -> writeTensor(tensor, input.name(), input.type()));
    }
    for (OutputField output : model.scorer().contract().outputs()) {
      message.message(5, tensor -> writeTensor(tensor, output.name(), output.type()));
    }
    return message.toBytes();
  }

  private static void writeTensor(ProtoWriter tensor, String name, FieldType type) {
    tensor.string(1, name).string(2, Datatype.of(type).name()).bytes(3, ANY_ROWS);
  }

  private byte[] statistics(NamedVersion named) {
    List<VersionId> ids =
        server.models().versions(named.name().isEmpty() ? null : named.name(), named.version());
    ProtoWriter message = new ProtoWriter();
    for (Statistics.OfVersion of : server.statistics().of(ids)) {
      message.message(1, entry -> writeStatistics(entry, of));
    }
    return message.toBytes();
  }

  private static void writeStatistics(ProtoWriter entry, Statistics.OfVersion of) {
    entry
        .string(1, of.id().model())
        .string(2, Long.toString(of.id().version()))
        .varint(3, of.lastMillis())
        .varint(4, of.rows())
        .varint(5, of.success().count())
        .message(
            6,
            durations -> {
              write(durations, 1, of.success());
              write(durations, 2, of.fail());
              write(durations, 3, of.queue());
              write(durations, 4, of.input());
              write(durations, 5, of.infer());
              write(durations, 6, of.output());
            });
  }

  private static void write(ProtoWriter durations, int field, Statistics.Duration duration) {
    durations.message(
        field, message -> message.varint(1, duration.count()).varint(2, duration.nanos()));
  }

  private byte[] health(String service) {
    if (!service.isEmpty() && !service.equals(Rpc.INFERENCE) && !service.equals(Rpc.RANKING)) {
      throw new RequestException(
          RequestException.Kind.NOT_FOUND, "there is no service '" + Truncated.of(service) + "'");
    }
    boolean ready = server.models().catalog().ready();
    return new ProtoWriter().varint(1, ready ? SERVING : NOT_SERVING).toBytes();
  }
}
