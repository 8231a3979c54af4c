package org.pillion.server.grpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcHeaderNames;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.Service;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.pillion.server.admin.RepositoryControl;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.limits.WorkerPool;
import org.pillion.server.metrics.Metrics;
import org.pillion.server.protocol.HealthProtocol;
import org.pillion.server.protocol.InferenceProtocol;
import org.pillion.server.protocol.RankProtocol;
import org.pillion.server.text.Truncated;

/** An address that takes gRPC calls: the library's server, and what answers its calls. */
public final class GrpcEndpoint implements RequestHandler {
  private static final String CONTENT_TYPE = "application/grpc";
  private static final String IDENTITY = "identity";
  private static final int UNSUPPORTED_MEDIA_TYPE = 415;

  /** A message to operators' calls is not longer. */
  private static final long OPERATORS_BYTES = 64 << 10;

  private final GrpcServer grpc;
  private final long maxMessage;
  private final Metrics metrics;
  private final Call.Answer answer;

  private GrpcEndpoint(Vertx vertx, long maxMessage, Metrics metrics, Call.Answer answer) {
    this.maxMessage = maxMessage;
    this.metrics = metrics;
    this.answer = answer;
    GrpcServerOptions options = new GrpcServerOptions().setMaxMessageSize(maxMessage);
    for (GrpcProtocol protocol : GrpcProtocol.values()) {
      if (protocol != GrpcProtocol.HTTP_2) {
        options.removeEnabledProtocol(protocol);
      }
    }
    grpc = GrpcServer.server(vertx, options).callHandler(this::receive);
  }

  /** The calls of hosts: inference, ranking, health, reflection. */
  public static GrpcEndpoint ofHosts(Vertx vertx, ServerContext server) {
    GrpcEndpoint endpoint =
        new GrpcEndpoint(vertx, server.maxBody(), server.metrics(), new HostCalls(server));
    for (FileDescriptor file :
        List.of(
            InferenceProtocol.getDescriptor(),
            RankProtocol.getDescriptor(),
            HealthProtocol.getDescriptor())) {
      for (ServiceDescriptor service : file.getServices()) {
        ServiceName name = ServiceName.create(service.getFullName());
        endpoint.grpc.addService(Service.service(name, service).build());
      }
    }
    endpoint.grpc.addService(ReflectionService.v1());
    return endpoint;
  }

  /**
   * The calls of operators, which change the model repository.
   *
   * @param threads where changes are made
   */
  public static GrpcEndpoint ofOperators(
      Vertx vertx, RepositoryControl repository, WorkerPool threads, Metrics metrics) {
    OperatorCalls calls = new OperatorCalls(repository, threads);
    return new GrpcEndpoint(vertx, OPERATORS_BYTES, metrics, calls);
  }

  /** Says that the process ends soon. */
  public void drain() {
    answer.drain();
  }

  /** Whether a request is a gRPC call. */
  public static boolean takes(HttpServerRequest request) {
    String type = request.getHeader("Content-Type");
    return request.version() == HttpVersion.HTTP_2
        && request.method() == HttpMethod.POST
        && type != null
        && type.startsWith(CONTENT_TYPE);
  }

  @Override
  public void handle(HttpServerRequest request) {
    String type = request.getHeader("Content-Type");
    if (!type.equals(CONTENT_TYPE) && !type.equals(CONTENT_TYPE + "+proto")) {
      request.response().setStatusCode(UNSUPPORTED_MEDIA_TYPE).end();
      return;
    }
    String encoding = request.getHeader(GrpcHeaderNames.GRPC_ENCODING);
    if (encoding != null && !encoding.equals(IDENTITY)) {
      refuse(
          request,
          new RequestException(
              RequestException.Kind.UNSUPPORTED_ENCODING,
              "the message's grpc-encoding is '%s', but it must not be compressed: only identity is read"
                  .formatted(Truncated.of(encoding))));
      return;
    }
    // Without it the library throws at a message that says it is compressed, and answers nothing.
    request.headers().set(GrpcHeaderNames.GRPC_ENCODING, IDENTITY);
    // The library would offer to read gzip, of any length once unpacked.
    request
        .response()
        .headersEndHandler(
            head ->
                request.response().headers().set(GrpcHeaderNames.GRPC_ACCEPT_ENCODING, IDENTITY));
    grpc.handle(request);
  }

  @Override
  public void refuse(HttpServerRequest request, RequestException failure) {
    request
        .response()
        .putHeader("Content-Type", CONTENT_TYPE)
        .putHeader(GrpcHeaderNames.GRPC_STATUS, Integer.toString(failure.kind().grpc()))
        .putHeader(GrpcHeaderNames.GRPC_MESSAGE, percentEncoded(failure.getMessage()))
        .putHeader(GrpcHeaderNames.GRPC_ACCEPT_ENCODING, IDENTITY)
        .end();
  }

  private static String percentEncoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private void receive(GrpcServerRequest<Buffer, Buffer> request) {
    Rpc rpc = Rpc.of(request.fullMethodName()).orElse(null);
    Call call = new Call(rpc, request, metrics);
    if (rpc == null) {
      call.refuse(
          new RequestException(
              RequestException.Kind.UNIMPLEMENTED,
              "there is no call /" + Truncated.of(request.fullMethodName())));
    } else {
      call.receive(rpc.maxBytes(maxMessage), answer);
    }
  }
}
