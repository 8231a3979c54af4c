package org.pillion.server;

import io.vertx.core.http.HttpServerRequest;
import org.pillion.server.errors.RequestException;
import org.pillion.server.grpc.GrpcEndpoint;
import org.pillion.server.http.RequestHandler;

/** Dispatches gRPC calls and other requests, where one address accepts both. */
final class ProtocolSwitch implements RequestHandler {
  private final RequestHandler grpc;
  private final RequestHandler http;

  ProtocolSwitch(RequestHandler grpc, RequestHandler http) {
    this.grpc = grpc;
    this.http = http;
  }

  @Override
  public void handle(HttpServerRequest request) {
    of(request).handle(request);
  }

  @Override
  public void refuse(HttpServerRequest request, RequestException failure) {
    of(request).refuse(request, failure);
  }

  private RequestHandler of(HttpServerRequest request) {
    return GrpcEndpoint.takes(request) ? grpc : http;
  }
}
