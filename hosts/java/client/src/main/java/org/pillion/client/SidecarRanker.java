package org.pillion.client;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.ModelContract;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.Ranker;
import org.pillion.ranker.RankerException;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.ranker.ScoreAnswer;
import org.pillion.ranker.ScoreRequest;
import org.pillion.server.protocol.ModelMetadataRequest;

/**
 * Ranks by asking a sidecar, over gRPC on one connection.
 *
 * <p>A request is sent what the serving version's contract asks for. The contract is fetched once,
 * and again when an answer comes from another version, or a version refuses what an older one took;
 * the call is then made once more, of the version whose contract that is. There are no other
 * retries.
 */
public final class SidecarRanker implements Ranker {
  private final Channel channel;
  private final Map<Model, ModelContract> contracts = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** A model, and the version that requests pin; 0 for none. */
  private record Model(String name, long version) {}

  /** A call with what a contract asks for. */
  @FunctionalInterface
  private interface Call<A> {
    CompletableFuture<A> make(ModelContract contract, long version);
  }

  private SidecarRanker(Builder builder) {
    SidecarAddress address = SidecarAddress.parse(builder.address);
    channel = new Channel(address, builder.certificates(address), builder.token, builder.reserve);
  }

  /**
   * A client of the sidecar at an address.
   *
   * @param address {@code unix:PATH}, or {@code http://HOST:PORT} of its gRPC, or {@code
   *     https://HOST:PORT} for TLS
   */
  public static Builder of(String address) {
    return new Builder(address);
  }

  /**
   * The Unix socket where host and sidecar of one user meet if nobody says otherwise.
   *
   * @param environment as {@link System#getenv()}: {@code XDG_RUNTIME_DIR}, and without one {@code
   *     XDG_CACHE_HOME} or {@code HOME}; one that is empty counts as absent
   * @return for {@link #of}
   */
  public static String usualAddress(Map<String, String> environment) {
    return SidecarAddress.usual(environment);
  }

  @Override
  public RankAnswer rank(RankRequest request, Deadline deadline) {
    return await(rankAsync(request, deadline));
  }

  @Override
  public CompletableFuture<RankAnswer> rankAsync(RankRequest request, Deadline deadline) {
    Model model = new Model(request.model(), request.version());
    return answered(
        model,
        deadline,
        (contract, version) ->
            channel
                .call(Channel.RANK, Messages.rank(request, contract, version), deadline)
                .thenApply(Messages::answer),
        RankAnswer::version);
  }

  @Override
  public ScoreAnswer score(ScoreRequest request, Deadline deadline) {
    Model model = new Model(request.model(), request.version());
    return await(
        answered(
            model,
            deadline,
            (contract, version) ->
                channel
                    .call(
                        Channel.INFER,
                        Messages.score(request, contract.fields(), version),
                        deadline)
                    .thenApply(Messages::answer),
            ScoreAnswer::version));
  }

  @Override
  public ModelContract contract(String model, Deadline deadline) {
    Model serving = new Model(model, 0);
    ModelContract known = contracts.get(serving);
    return known == null ? await(fetch(serving, deadline)) : known;
  }

  private <A> CompletableFuture<A> answered(
      Model model, Deadline deadline, Call<A> call, ToLongFunction<A> versionOf) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new RankerUnavailable(RankerUnavailable.Kind.REFUSED, "the ranker is closed", null));
    }
    try {
      deadline.check();
    } catch (RankerException e) {
      return CompletableFuture.failedFuture(e);
    }
    ModelContract known = contracts.get(model);
    CompletableFuture<ModelContract> current =
        known == null ? fetch(model, deadline) : CompletableFuture.completedFuture(known);
    return current.thenCompose(
        before ->
            call.make(before, model.version())
                .thenApply(
                    answer -> {
                      note(model, before, versionOf.applyAsLong(answer));
                      return answer;
                    })
                .exceptionallyCompose(e -> again(model, before, deadline, call, e)));
  }

  /**
   * The call once more, of the version whose contract it is now, where that has changed since; else
   * its failure.
   */
  private <A> CompletableFuture<A> again(
      Model model, ModelContract before, Deadline deadline, Call<A> call, Throwable failure) {
    Throwable cause = cause(failure);
    if (!(cause instanceof InvalidRequest)) {
      return CompletableFuture.failedFuture(cause);
    }
    return fetch(model, deadline)
        .thenCompose(
            now ->
                now.equals(before)
                    ? CompletableFuture.failedFuture(cause)
                    : call.make(now, now.version()));
  }

  /** Has the contract fetched anew after an answer of another version than it is of. */
  private void note(Model model, ModelContract before, long version) {
    if (before.version() != version) {
      contracts.remove(model, before);
    }
  }

  private CompletableFuture<ModelContract> fetch(Model model, Deadline deadline) {
    ModelMetadataRequest request =
        ModelMetadataRequest.newBuilder()
            .setName(model.name())
            .setVersion(Messages.version(model.version()))
            .build();
    return channel
        .call(Channel.METADATA, request, deadline)
        .thenApply(
            metadata -> {
              ModelContract known = ServedContract.of(metadata);
              contracts.put(model, known);
              return known;
            });
  }

  private static <A> A await(CompletableFuture<A> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      Throwable cause = cause(e);
      if (cause instanceof RankerException known) {
        throw known;
      }
      throw new RankerUnavailable(
          RankerUnavailable.Kind.FAILED, "the client failed: " + cause, cause);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new RankerUnavailable(
          RankerUnavailable.Kind.FAILED, "the calling thread was interrupted", e);
    }
  }

  private static Throwable cause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null
        && (cause instanceof CompletionException || cause instanceof ExecutionException)) {
      cause = cause.getCause();
    }
    return cause;
  }

  @Override
  public void close() {
    closed = true;
    channel.close();
  }

  /** Collects the settings of a client. */
  public static final class Builder {
    private final String address;
    private Supplier<String> token = () -> null;
    private Duration reserve = Duration.ofMillis(1);
    private Path authorities;
    private Path certificate;
    private Path key;

    private Builder(String address) {
      this.address = address;
    }

    /**
     * The bearer token of each call over TCP, asked for each time, so that it may change; none by
     * default. A Unix socket needs none, and gets none.
     */
    public Builder token(Supplier<String> token) {
      this.token = token;
      return this;
    }

    /**
     * A file with the bearer token, in place of {@link #token}; it is read again when it changes.
     *
     * @throws IllegalArgumentException when it does not hold a single word
     */
    public Builder tokenFile(Path file) {
      return token(new FileReading<>(() -> word(file), file));
    }

    private static String word(Path file) {
      String text = new String(Certificates.content("tokenFile", file), StandardCharsets.UTF_8);
      if (!text.strip().matches("[!-~]+")) {
        throw new IllegalArgumentException("tokenFile: there is no single word in " + file);
      }
      return text.strip();
    }

    /**
     * Certificates in PEM form that the sidecar's must be signed by; those that the JVM trusts
     * where left out. This file and the next two are read again when they change.
     */
    public Builder authorities(Path file) {
      this.authorities = file;
      return this;
    }

    /**
     * What this client shows the sidecar, for mutual TLS; nothing by default.
     *
     * @param certificate in PEM form, its intermediate ones after it
     * @param key its private key, in PEM form and without a password
     */
    public Builder clientCertificate(Path certificate, Path key) {
      this.certificate = certificate;
      this.key = key;
      return this;
    }

    /** Certificates belong to https; an address of a Unix socket leaves them aside. */
    private Supplier<Certificates> certificates(SidecarAddress address) {
      if (address.tls()) {
        return new FileReading<>(
            () -> Certificates.read(authorities, certificate, key), authorities, certificate, key);
      }
      if (address.socket().isInetSocket()
          && (authorities != null || certificate != null || key != null)) {
        throw new IllegalArgumentException(
            "%s is set, but %s is not https"
                .formatted(
                    authorities == null ? "clientCertificate" : "authorities", address.text()));
      }
      return null;
    }

    /** How much earlier than its caller's deadline a call ends, 1 ms by default. */
    public Builder reserve(Duration reserve) {
      this.reserve = reserve;
      return this;
    }

    /**
     * The client. It connects with the first call, and again whenever the connection is lost.
     *
     * @throws IllegalArgumentException when the address cannot be read, or a file of certificates
     *     cannot be used
     */
    public SidecarRanker open() {
      return new SidecarRanker(this);
    }
  }
}
