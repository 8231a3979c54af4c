package org.pillion.server;

import io.vertx.core.http.HttpServerRequest;
import org.pillion.server.grpc.GrpcHandler;
import org.pillion.server.http.RequestHandler;

/** Dispatches gRPC calls and other requests, where one address accepts both. */
final class ProtocolSwitch implements RequestHandler {
  private final GrpcHandler grpc;
  private final RequestHandler http;

  ProtocolSwitch(GrpcHandler grpc, RequestHandler http) {
    this.grpc = grpc;
    this.http = http;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (GrpcHandler.takes(request)) {
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
