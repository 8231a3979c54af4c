package org.pillion.server;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pillion.server.access.TlsIdentity;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.Caller;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.limits.HeadTimeout;
import org.pillion.server.limits.RequestLimiter;
import org.pillion.server.metrics.Metrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network side: the event loop and the addresses it accepts on. */
final class Listeners implements AutoCloseable {
  private static final int MAX_HEADER_BYTES = 16 << 10;
  private static final int MAX_LINE_BYTES = 8 << 10;
  private static final int MAX_STREAMS = 256;

  /** A batch of a few thousand rows goes out at once, without waiting for leave to send more. */
  private static final int STREAM_WINDOW = 1 << 20;

  private static final int CONNECTION_WINDOW = 4 << 20;
  private static final int IDLE_SECONDS = 120;

  /** Signatures of TLS handshakes are made off the event loop; nothing else is. */
  private static final int HANDSHAKE_THREADS = 2;

  private static final int START_SECONDS = 60;
  private static final long SWEEP_MILLIS = 500;

  /** The status that a slow request is counted by; it is not answered. */
  private static final int SLOW = 408;

  /**
   * Calls whose callers give up are reset, and at a deadline of some milliseconds they may be many:
   * the library's 200 in 30 seconds would end the connection of a caller in haste.
   */
  private static final int MAX_RESETS = 100_000;

  private static final RequestException INVALID =
      new RequestException(RequestException.Kind.INVALID, "the request is not valid HTTP");

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final RequestLimiter limiter;
  private final Duration patience;
  private final Metrics metrics;
  private final Optional<TlsIdentity> identity;
  private final Vertx vertx;
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<SecuredServer> secured = new ArrayList<>();
  private Optional<SocketFile> socket = Optional.empty();

  /**
   * Listeners that accept nothing yet.
   *
   * @param patience time that the head of a request may take to arrive
   * @param identity what TCP addresses show; empty where they speak clear text
   */
  Listeners(
      RequestLimiter limiter, Duration patience, Metrics metrics, Optional<TlsIdentity> identity) {
    this.limiter = limiter;
    this.patience = patience;
    this.metrics = metrics;
    this.identity = identity;
    Caller.register();
    this.vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(HANDSHAKE_THREADS)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    vertx.setPeriodic(SWEEP_MILLIS, timer -> limiter.sweep());
  }

  /** What runs the event loop. */
  Vertx vertx() {
    return vertx;
  }

  /** Listens for HTTP/1.1 on TCP and returns the port. */
  int listen(HostPort address, RequestHandler handler) throws StartException {
    return listen(address, http1(), ClientAuth.REQUEST, handler);
  }

  /**
   * Listens for HTTP/2, and HTTP/1.1 as well, on TCP and returns the port.
   *
   * @param clientAuth whether a client may do without a certificate, where issuers are given
   */
  int listenHttp2(HostPort address, ClientAuth clientAuth, RequestHandler handler)
      throws StartException {
    return listen(address, http2().setUseAlpn(true), clientAuth, handler);
  }

  private int listen(
      HostPort address, HttpServerOptions options, ClientAuth clientAuth, RequestHandler handler)
      throws StartException {
    options
        .setSslHandshakeTimeout(patience.toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    identity.ifPresent(shown -> shown.configure(options, clientAuth));
    HttpServer server = server(options, handler).exceptionHandler(limiter::refused);
    await(server.listen(address.port(), address.host()), address.toString());
    if (identity.isPresent()) {
      secured.add(new SecuredServer(server, options, clientAuth));
    }
    return server.actualPort();
  }

  /** A server with TLS, and the options that its connections go by. */
  private record SecuredServer(HttpServer server, HttpServerOptions options, ClientAuth auth) {
    void show(TlsIdentity identity) {
      identity.configure(options, auth);
      server
          .updateSSLOptions(options.getSslOptions(), true)
          .onFailure(e -> LOG.error("the certificate and key could not be put in force", e));
    }
  }

  /** Shows another certificate to new connections; those that are open go on. */
  void show(TlsIdentity other) {
    secured.forEach(server -> server.show(other));
  }

  /** Listens for both versions on a Unix domain socket that only this user can open. */
  void listen(Path path, RequestHandler handler) throws StartException {
    SocketFile file = SocketFile.prepare(path);
    await(
        server(http2(), handler).listen(SocketAddress.domainSocketAddress(file.toString())),
        file.toString());
    socket = Optional.of(file);
    file.makePrivate();
  }

  private static HttpServerOptions http1() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setMaxHeaderSize(MAX_HEADER_BYTES)
        .setMaxInitialLineLength(MAX_LINE_BYTES)
        .setIdleTimeout(IDLE_SECONDS)
        .setHandle100ContinueAutomatically(true)
        .setTcpNoDelay(true);
  }

  private static HttpServerOptions http2() {
    return http1()
        .setHttp2ClearTextEnabled(true)
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
        .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS)
        .setInitialSettings(
            new Http2Settings()
                .setPushEnabled(false)
                .setInitialWindowSize(STREAM_WINDOW)
                .setMaxConcurrentStreams(MAX_STREAMS)
                .setMaxHeaderListSize(MAX_HEADER_BYTES));
  }

  private HttpServer server(HttpServerOptions options, RequestHandler handler) {
    HttpServer server =
        vertx
            .createHttpServer(options)
            .connectionHandler(this::connected)
            .requestHandler(handler::handle)
            .invalidRequestHandler(request -> handler.refuse(request, INVALID));
    servers.add(server);
    return server;
  }

  private void connected(HttpConnection connection) {
    limiter.connected(connection);
    HeadTimeout.guard(
        connection, patience, () -> metrics.answered("slow", null, SLOW, patience.toNanos()));
    consolidateFlushes(connection);
  }

  /**
   * Over HTTP/2 the libraries flush an answer's head with its message, an empty part and the
   * trailers one by one; a caller would wake up for each.
   */
  private static void consolidateFlushes(HttpConnection connection) {
    ChannelPipeline pipeline =
        ((HttpServerConnection) connection).channelHandlerContext().pipeline();
    Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
    if (http2 != null) {
      pipeline.addBefore(
          pipeline.context(http2).name(),
          null,
          new FlushConsolidationHandler(
              FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
    }
  }

  private static void await(Future<?> listening, String address) throws StartException {
    try {
      listening.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new StartException("cannot listen on " + address + ": " + e.getCause().getMessage());
    } catch (TimeoutException e) {
      throw new StartException("cannot listen on " + address + ": it took too long");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted before listening on " + address);
    }
  }

  /** Stops accepting; requests in flight go on for at most the given time. */
  void drain(long millis) {
    List<Future<Void>> closing =
        servers.stream().map(server -> server.shutdown(millis, TimeUnit.MILLISECONDS)).toList();
    settle(Future.join(closing), millis);
  }

  @Override
  public void close() {
    settle(vertx.close(), TimeUnit.SECONDS.toMillis(1));
    socket.ifPresent(SocketFile::delete);
  }

  private static void settle(Future<?> closing, long millis) {
    try {
      closing.toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // What does not close in time ends with the process.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
