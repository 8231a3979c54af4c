package org.pillion.server.grpc;

import com.google.protobuf.MessageLite;
import org.pillion.server.errors.RequestException;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.protocol.HealthCheckRequest;
import org.pillion.server.protocol.HealthCheckResponse;
import org.pillion.server.protocol.HealthCheckResponse.ServingStatus;
import org.pillion.server.protocol.ModelMetadataRequest;
import org.pillion.server.protocol.ModelReadyRequest;
import org.pillion.server.protocol.ModelReadyResponse;
import org.pillion.server.protocol.ModelStatisticsRequest;
import org.pillion.server.protocol.ServerLiveResponse;
import org.pillion.server.protocol.ServerReadyResponse;
import org.pillion.server.text.Truncated;
import org.pillion.server.v2.StateMessages;

/** Answers calls about the state of the server and its models, on the event loop. */
final class StateCalls {
  private final ServerContext server;
  private final StateMessages messages;
  private volatile boolean draining;

  StateCalls(ServerContext server) {
    this.server = server;
    this.messages = new StateMessages(server);
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
      case SERVER_METADATA -> messages.server();
      case MODEL_READY -> {
        ModelReadyRequest of = Protobuf.read(ModelReadyRequest.parser(), request);
        boolean ready = server.models().isReady(of.getName(), orNull(of.getVersion()));
        yield ModelReadyResponse.newBuilder().setReady(ready).build();
      }
      case MODEL_METADATA -> {
        ModelMetadataRequest of = Protobuf.read(ModelMetadataRequest.parser(), request);
        yield messages.model(of.getName(), orNull(of.getVersion()));
      }
      case MODEL_STATISTICS -> {
        ModelStatisticsRequest of = Protobuf.read(ModelStatisticsRequest.parser(), request);
        yield messages.statistics(orNull(of.getName()), orNull(of.getVersion()));
      }
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
