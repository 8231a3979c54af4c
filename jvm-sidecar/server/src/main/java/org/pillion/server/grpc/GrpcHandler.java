package org.pillion.server.grpc;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.pillion.registry.ModelVersion;
import org.pillion.server.http.RequestBody;
import org.pillion.server.inference.Deadline;
import org.pillion.server.inference.Ranker;
import org.pillion.server.inference.RequestException;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.inference.Truncated;

/**
 * Handles unary gRPC calls: answers state on the event loop, and has messages parsed and scored on
 * the workers.
 */
public final class GrpcHandler {
  private static final String CONTENT_TYPE = "application/grpc";
  private static final String ENCODING = "grpc-encoding";
  private static final int OK = 200;

  private final ServerContext server;
  private final StateMessages state;

  public GrpcHandler(ServerContext server) {
    this.server = server;
    this.state = new StateMessages(server);
  }

  /** Whether a request is a gRPC call. */
  public static boolean takes(HttpServerRequest request) {
    String type = request.getHeader("Content-Type");
    return request.version() == HttpVersion.HTTP_2
        && request.method() == HttpMethod.POST
        && type != null
        && (type.equals(CONTENT_TYPE)
            || type.startsWith(CONTENT_TYPE + "+")
            || type.startsWith(CONTENT_TYPE + ";"));
  }

  /** Handles a call whose headers have arrived; runs on the event loop. */
  public void handle(HttpServerRequest request) {
    Call call = new Call(request);
    request.exceptionHandler(e -> call.abandon());
    request.response().exceptionHandler(e -> call.abandon());
    request.response().closeHandler(closed -> call.abandon());
    try {
      Rpc rpc =
          Rpc.at(request.path())
              .orElseThrow(
                  () ->
                      new RequestException(
                          RequestException.Kind.UNIMPLEMENTED,
                          "there is no call " + Truncated.of(request.path())));
      call.route = rpc.label();
      String encoding = request.getHeader(ENCODING);
      if (encoding != null && !encoding.equals("identity")) {
        throw new RequestException(
            RequestException.Kind.UNSUPPORTED_ENCODING,
            "the message's grpc-encoding is '%s', but it must not be compressed: only identity is read"
                .formatted(Truncated.of(encoding)));
      }
      Deadline deadline = GrpcTimeout.deadline(request.getHeader(GrpcTimeout.HEADER), call.arrival);
      RequestBody.collect(
          request, server.maxBody(), body -> take(call, rpc, body, deadline), call::refuse);
    } catch (RuntimeException e) {
      call.refuse(RequestException.from(e));
    }
  }

  private void take(Call call, Rpc rpc, byte[] body, Deadline deadline) {
    try {
      byte[] message = GrpcFrame.unwrap(body);
      if (rpc == Rpc.MODEL_INFER || rpc == Rpc.RANK) {
        enqueue(call, rpc, message, deadline);
      } else {
        call.send(state.answer(rpc, message));
      }
    } catch (RuntimeException e) {
      call.refuse(RequestException.from(e));
    }
  }

  private void enqueue(Call call, Rpc rpc, byte[] message, Deadline deadline) {
    Context loop = Vertx.currentContext();
    server
        .workers()
        .submit(
            () -> {
              if (call.request.response().closed()) {
                return;
              }
              try {
                long now = System.nanoTime();
                deadline.require(now);
                byte[] answer =
                    rpc == Rpc.RANK ? rank(call, message, now) : infer(call, message, now);
                loop.runOnContext(sent -> call.send(answer));
              } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                RequestException failure = RequestException.from(e);
                loop.runOnContext(sent -> call.refuse(failure));
              }
            });
  }

  private byte[] rank(Call call, byte[] bytes, long now) {
    RankMessage message = RankMessage.read(bytes);
    ModelVersion model = server.models().find(message.model(), message.version());
    call.model = model;
    Ranker.ranking(model);
    return server
        .inference()
        .rank(
            model,
            () -> message.request(server.rules(model), model.items()),
            RankMessage::write,
            now - call.arrival);
  }

  private byte[] infer(Call call, byte[] bytes, long now) {
    InferMessage message = InferMessage.read(bytes);
    ModelVersion model = server.models().find(message.model(), message.version());
    call.model = model;
    return server
        .inference()
        .answer(
            model,
            () -> message.request(server.rules(model)),
            scored -> InferMessageWriter.write(scored, message.isRaw()),
            now - call.arrival);
  }

  /** A call and its one response; used on the event loop, but for {@code model}. */
  private final class Call {
    private final HttpServerRequest request;
    private final long arrival = System.nanoTime();
    private String route = "none";

    /** Written by a worker before it passes its response to the event loop. */
    private volatile ModelVersion model;

    private boolean done;

    Call(HttpServerRequest request) {
      this.request = request;
    }

    void send(byte[] message) {
      if (isOver()) {
        return;
      }
      answered(OK);
      HttpServerResponse response = request.response();
      response.putHeader("Content-Type", CONTENT_TYPE);
      response.putTrailer("grpc-status", "0");
      response.end(GrpcFrame.wrap(message));
    }

    void refuse(RequestException failure) {
      if (isOver()) {
        return;
      }
      answered(failure.kind().http());
      request
          .response()
          .putHeader("Content-Type", CONTENT_TYPE)
          .putHeader("grpc-status", Integer.toString(failure.kind().grpc()))
          .putHeader("grpc-message", percentEncoded(failure.getMessage()))
          .putHeader("grpc-accept-encoding", "identity")
          .end();
    }

    private boolean isOver() {
      return done || request.response().closed() || request.response().ended();
    }

    private void answered(int status) {
      done = true;
      server.metrics().answered(route, model, status, System.nanoTime() - arrival);
    }

    /** Drops the response, since the caller has disconnected. */
    void abandon() {
      done = true;
    }
  }

  private static String percentEncoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte part : text.getBytes(StandardCharsets.UTF_8)) {
      if (part >= ' ' && part <= '~' && part != '%') {
        encoded.append((char) part);
      } else {
        encoded.append('%').append("%02X".formatted(part));
      }
    }
    return encoded.toString();
  }
}
