package org.pillion.server.grpc;

import io.vertx.core.Vertx;
import org.pillion.server.protocol.HealthCheckResponse;
import org.pillion.server.protocol.HealthCheckResponse.ServingStatus;

/**
 * Answers {@code Watch} of the health checking protocol: the status of a service now, and again
 * each time that it has changed.
 */
final class HealthWatch {
  private static final long LOOK_MILLIS = 250;

  private final StateCalls state;

  HealthWatch(StateCalls state) {
    this.state = state;
  }

  /** Sends statuses until the caller goes, or the process ends. */
  void watch(Call call, String service) {
    Vertx vertx = Vertx.currentContext().owner();
    ServingStatus[] sent = {send(call, state.status(service))};
    long timer =
        vertx.setPeriodic(
            LOOK_MILLIS,
            look -> {
              ServingStatus now = state.status(service);
              if (state.isDraining()) {
                vertx.cancelTimer(look);
                call.send(HealthCheckResponse.newBuilder().setStatus(now).build());
              } else if (now != sent[0]) {
                sent[0] = send(call, now);
              }
            });
    call.place().whenAbandoned(() -> vertx.cancelTimer(timer));
  }

  private static ServingStatus send(Call call, ServingStatus status) {
    call.sendPart(HealthCheckResponse.newBuilder().setStatus(status).build());
    return status;
  }
}
