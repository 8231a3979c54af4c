package org.pillion.server.grpc;

import com.google.protobuf.MessageLite;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.Optional;
import java.util.function.Supplier;
import org.pillion.registry.ModelVersion;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.Caller;
import org.pillion.server.limits.Deadline;
import org.pillion.server.limits.Place;
import org.pillion.server.limits.WorkerPool;
import org.pillion.server.metrics.Metrics;

/**
 * A call with one request message, and its response. Used on the event loop, but for {@link
 * #scoredBy}.
 */
final class Call {
  private static final String REQUEST_ID = "x-request-id";
  private static final int MAX_REQUEST_ID = 128;
  private static final int OK = 200;

  private final Rpc rpc;
  private final GrpcServerRequest<Buffer, Buffer> request;
  private final Metrics metrics;
  private final Place place = Place.current();
  private final Optional<String> caller = Caller.current();
  private final long arrival = System.nanoTime();
  private byte[] message;

  /** Written by a worker before it passes its response to the event loop. */
  private volatile ModelVersion model;

  private boolean over;

  /** What answers a call whose message has arrived. */
  interface Answer {
    void answer(Call call, byte[] message);

    /** The process ends soon: health says so, and calls without an end are ended. */
    default void drain() {}
  }

  /**
   * A call whose message has not arrived.
   *
   * @param rpc what is called, or null where there is no such call
   */
  Call(Rpc rpc, GrpcServerRequest<Buffer, Buffer> request, Metrics metrics) {
    this.rpc = rpc;
    this.request = request;
    this.metrics = metrics;
    String id = header(REQUEST_ID);
    if (id != null && id.length() <= MAX_REQUEST_ID) {
      request.response().headers().set(REQUEST_ID, id);
    }
  }

  /** Receives the message, of so many bytes at most, and has it answered. */
  void receive(long maxBytes, Answer answer) {
    request.errorHandler(error -> abandon());
    request.response().exceptionHandler(e -> abandon());
    request.exceptionHandler(
        e -> {
          if (e instanceof RequestException refusal) {
            refuse(refusal);
          } else {
            abandon();
          }
        });
    request.invalidMessageHandler(e -> refuse(tooLong(maxBytes)));
    request.messageHandler(part -> take(part, maxBytes));
    request.endHandler(end -> answer(answer));
  }

  private RequestException tooLong(long maxBytes) {
    return new RequestException(
        RequestException.Kind.TOO_LARGE,
        "the message is longer than %d bytes%s"
            .formatted(maxBytes, rpc.scores() ? "; see --max-body" : ""));
  }

  private void take(GrpcMessage part, long maxBytes) {
    if (message != null) {
      refuse(invalid("the call has more than one message"));
    } else if (part.payload().length() > maxBytes) {
      refuse(tooLong(maxBytes));
    } else if (!over) {
      message = part.payload().getBytes();
    }
  }

  private static RequestException invalid(String sentence) {
    return new RequestException(RequestException.Kind.INVALID, sentence);
  }

  private void answer(Answer answer) {
    if (over) {
      return;
    }
    byte[] received = message;
    message = null;
    try {
      if (received == null) {
        throw invalid("the call has no message");
      }
      answer.answer(this, received);
    } catch (RuntimeException e) {
      refuse(RequestException.from(e));
    }
  }

  Rpc rpc() {
    return rpc;
  }

  /** What the call may take. */
  Place place() {
    return place;
  }

  /** Who calls; empty where nobody asked. */
  Optional<String> caller() {
    return caller;
  }

  /** When its headers arrived, on the clock of {@link System#nanoTime()}. */
  long arrival() {
    return arrival;
  }

  /** The first value of a header, or null. */
  String header(String name) {
    return request.headers().get(name);
  }

  /**
   * The time after which the caller does not use the response.
   *
   * @throws RequestException when it is not one
   */
  Deadline deadline() {
    return GrpcTimeout.deadline(header(GrpcTimeout.HEADER), arrival);
  }

  /** Names the version that the call is for. */
  void scoredBy(ModelVersion version) {
    model = version;
  }

  /** Has the response made by a worker, unless the caller goes before. */
  void answerOn(WorkerPool workers, Supplier<MessageLite> response) {
    workers.answer(place, response, this::send, this::refuse);
  }

  /** Sends the one response. */
  void send(MessageLite response) {
    if (!over) {
      answered(OK);
      place.beginAnswer();
      request
          .response()
          .end(Buffer.buffer(response.toByteArray()))
          .onComplete(written -> place.endAnswer());
    }
  }

  /** Sends a response among several; {@link #send} or {@link #refuse} ends them. */
  void sendPart(MessageLite response) {
    if (!over) {
      request.response().write(Buffer.buffer(response.toByteArray()));
    }
  }

  void refuse(RequestException failure) {
    if (!over) {
      answered(failure.kind().http());
      request
          .response()
          .status(GrpcStatus.valueOf(failure.kind().grpc()))
          .statusMessage(failure.getMessage())
          .end();
    }
  }

  private void answered(int status) {
    over = true;
    String route = rpc == null ? "none" : rpc.label();
    metrics.answered(route, model, status, System.nanoTime() - arrival);
  }

  /** The caller goes: nothing more is sent. */
  private void abandon() {
    over = true;
  }
}
