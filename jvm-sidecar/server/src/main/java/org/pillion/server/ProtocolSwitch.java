package org.pillion.server;

import io.vertx.core.http.HttpServerRequest;
import org.pillion.server.grpc.GrpcFront;
import org.pillion.server.http.HttpHandler;

/** Tells gRPC calls from other requests, where one address takes both. */
final class ProtocolSwitch implements HttpHandler {
  private final GrpcFront grpc;
  private final HttpHandler http;

  ProtocolSwitch(GrpcFront grpc, HttpHandler http) {
    this.grpc = grpc;
    this.http = http;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (GrpcFront.takes(request)) {
      grpc.handle(request);
    } else {
      http.handle(request);
    }
  }

  @Override
  public void refuse(HttpServerRequest request) {
    http.refuse(request);
  }
}
