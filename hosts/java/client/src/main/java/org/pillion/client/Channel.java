package org.pillion.client;

import com.google.protobuf.MessageLite;
import com.google.protobuf.MessageOrBuilder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.DeadlineExceeded;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankerException;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.server.protocol.ModelInferRequest;
import org.pillion.server.protocol.ModelInferResponse;
import org.pillion.server.protocol.ModelMetadataRequest;
import org.pillion.server.protocol.ModelMetadataResponse;
import org.pillion.server.protocol.RankRequest;
import org.pillion.server.protocol.RankResponse;

/** One connection to a sidecar, which carries all calls; it is made again when it is lost. */
final class Channel implements AutoCloseable {
  static final ServiceMethod<RankResponse, RankRequest> RANK =
      method("pillion.v1.RankService", "Rank", RankResponse.getDefaultInstance());
  static final ServiceMethod<ModelInferResponse, ModelInferRequest> INFER =
      method(
          "inference.GRPCInferenceService", "ModelInfer", ModelInferResponse.getDefaultInstance());
  static final ServiceMethod<ModelMetadataResponse, ModelMetadataRequest> METADATA =
      method(
          "inference.GRPCInferenceService",
          "ModelMetadata",
          ModelMetadataResponse.getDefaultInstance());

  private static final Set<String> TLS = Set.of("TLSv1.2", "TLSv1.3");
  private static final int CONNECT_MILLIS = 1_000;
  private static final int LONGEST_MESSAGE = 64 << 20;

  /** What a call without a deadline may take. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final SidecarAddress address;
  private final Supplier<String> token;
  private final long reserveNanos;
  private final Vertx vertx;
  private final GrpcClient client;

  /**
   * A channel that is not connected yet.
   *
   * @param certificates where the address is one of TLS; else null
   * @param token the bearer token of each call; null from it for none
   * @param reserve how much earlier than its caller's deadline a call ends
   */
  Channel(
      SidecarAddress address,
      Supplier<Certificates> certificates,
      Supplier<String> token,
      Duration reserve) {
    this.address = address;
    this.token = address.socket().isInetSocket() ? token : () -> null;
    this.reserveNanos = reserve.toNanos();
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    client =
        GrpcClient.client(
            vertx,
            new GrpcClientOptions()
                .setScheduleDeadlineAutomatically(true)
                .setMaxMessageSize(LONGEST_MESSAGE),
            http(certificates));
  }

  private static HttpClientOptions http(Supplier<Certificates> certificates) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setConnectTimeout(CONNECT_MILLIS);
    if (certificates != null) {
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setEnabledSecureTransportProtocols(TLS)
          .setTrustOptions(TrustOptions.wrap(new FileTrust(certificates)));
      if (certificates.get().keys() != null) {
        options.setKeyCertOptions(KeyCertOptions.wrap(new FileKeys(certificates)));
      }
    }
    return options;
  }

  private static <Q extends MessageLite, A> ServiceMethod<A, Q> method(
      String service, String name, MessageOrBuilder answer) {
    GrpcMessageEncoder<Q> encoder = GrpcMessageEncoder.encoder();
    GrpcMessageDecoder<A> decoder = GrpcMessageDecoder.decoder(answer);
    return ServiceMethod.client(ServiceName.create(service), name, encoder, decoder);
  }

  /** Calls the sidecar; the future fails with a {@link RankerException}. */
  <Q, A> CompletableFuture<A> call(ServiceMethod<A, Q> method, Q message, Deadline deadline) {
    long nanos = Math.min(deadline.remainingNanos(), LONGEST_NANOS) - reserveNanos;
    if (nanos <= 0) {
      return CompletableFuture.failedFuture(
          new DeadlineExceeded("no time is left to ask the sidecar"));
    }
    CompletableFuture<A> answer = new CompletableFuture<>();
    client
        .request(address.socket(), method)
        .recover(e -> Future.failedFuture(unreachable(e)))
        .compose(call -> send(call, message, nanos))
        .onComplete(
            done -> {
              if (done.succeeded()) {
                answer.complete(done.result());
              } else {
                answer.completeExceptionally(translated(done.cause()));
              }
            });
    // Connecting is not under the call's own limit.
    return answer
        .orTimeout(nanos, TimeUnit.NANOSECONDS)
        .exceptionallyCompose(
            e -> CompletableFuture.failedFuture(e instanceof TimeoutException ? late() : e));
  }

  private <Q, A> Future<A> send(GrpcClientRequest<Q, A> call, Q message, long nanos) {
    String credential = token.get();
    if (credential != null) {
      call.headers().set("authorization", "Bearer " + credential);
    }
    call.timeout(Math.max(1, nanos / 1_000), TimeUnit.MICROSECONDS);
    return call.send(message)
        .compose(
            response -> response.last().recover(e -> Future.failedFuture(refused(response, e))));
  }

  private RankerException refused(GrpcClientResponse<?, ?> response, Throwable cause) {
    GrpcStatus status = response.status();
    if (status == null || status == GrpcStatus.OK) {
      return lost(cause);
    }
    String said = response.statusMessage();
    String text = said == null || said.isEmpty() ? "status " + status : said;
    return switch (status) {
      case INVALID_ARGUMENT -> new InvalidRequest(null, text, cause);
      case DEADLINE_EXCEEDED, CANCELLED -> late();
      case UNAVAILABLE -> new RankerUnavailable(RankerUnavailable.Kind.SATURATED, text, cause);
      case FAILED_PRECONDITION ->
          new RankerUnavailable(RankerUnavailable.Kind.LACKS_ITEMS, text, cause);
      case NOT_FOUND -> absent(text, cause);
      case RESOURCE_EXHAUSTED, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED ->
          new RankerUnavailable(RankerUnavailable.Kind.REFUSED, text, cause);
      default -> new RankerUnavailable(RankerUnavailable.Kind.FAILED, text, cause);
    };
  }

  /** A model that is not there is a mistake; a version may have been swapped out. */
  private static RankerException absent(String text, Throwable cause) {
    return text.contains("no version")
        ? new RankerUnavailable(RankerUnavailable.Kind.REFUSED, text, cause)
        : new InvalidRequest("model", text, cause);
  }

  private RankerException translated(Throwable e) {
    return e instanceof RankerException known ? known : lost(e);
  }

  private static DeadlineExceeded late() {
    return new DeadlineExceeded("the sidecar did not answer in time");
  }

  /** Nothing of the call was sent. */
  private RankerUnavailable unreachable(Throwable e) {
    if (isOfTls(e)) {
      return untrusted(e);
    }
    return new RankerUnavailable(
        RankerUnavailable.Kind.UNREACHABLE,
        "the sidecar at %s cannot be reached: %s".formatted(address.text(), e.getMessage()),
        e);
  }

  /** The call may have been processed; a ranking may be asked for again all the same. */
  private RankerUnavailable lost(Throwable e) {
    if (isOfTls(e)) {
      return untrusted(e);
    }
    boolean broken = e instanceof HttpClosedException || e instanceof IOException;
    return new RankerUnavailable(
        broken ? RankerUnavailable.Kind.UNREACHABLE : RankerUnavailable.Kind.FAILED,
        "the sidecar at %s gave no answer: %s".formatted(address.text(), e.getMessage()),
        e);
  }

  private static boolean isOfTls(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return true;
      }
    }
    return false;
  }

  /** One side does not accept what the other shows, or the other does not speak TLS. */
  private RankerUnavailable untrusted(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new RankerUnavailable(
        RankerUnavailable.Kind.UNTRUSTED,
        "the TLS handshake with the sidecar at %s failed: %s"
            .formatted(address.text(), cause.getMessage()),
        e);
  }

  @Override
  public void close() {
    client.close();
    vertx.close();
  }
}
