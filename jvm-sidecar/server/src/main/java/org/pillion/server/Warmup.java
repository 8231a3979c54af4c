package org.pillion.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2ClientConfig;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.pillion.registry.Catalog;
import org.pillion.registry.VersionStatus;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.RequestHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a verification row of every version through the listeners before they are announced, so
 * that the first callers do not wait for classes to be loaded.
 *
 * <p>Its requests are told by the addresses of its connections, which no other client has, and go
 * to handlers whose counts nobody sees. A warm-up that fails, or takes too long, just ends: only
 * the speed of the first answers depends on it.
 */
final class Warmup {
  /** How often a row is sent in each form. */
  static final int ROUNDS = 5;

  private static final int OK = 200;

  private static final Logger LOG = LoggerFactory.getLogger(Warmup.class);

  private final Map<SocketAddress, RequestHandler> connections = new ConcurrentHashMap<>();
  private final AtomicInteger answers = new AtomicInteger();
  private final HttpClientAgent client;
  private final boolean isSecured;

  /**
   * A warm-up that has not begun.
   *
   * @param isSecured whether the listeners speak TLS
   */
  Warmup(Vertx vertx, boolean isSecured) {
    this.isSecured = isSecured;
    client =
        vertx.createHttpClient(
            new HttpClientConfig()
                .setVersions(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)
                .setHttp2Config(new Http2ClientConfig().setClearTextUpgrade(false)));
  }

  /** Has the warm-up's requests handled apart, and all others by a handler. */
  RequestHandler beside(RequestHandler hosts) {
    return new RequestHandler() {
      @Override
      public void handle(HttpServerRequest request) {
        of(request).handle(request);
      }

      @Override
      public void refuse(HttpServerRequest request, RequestException failure) {
        of(request).refuse(request, failure);
      }

      private RequestHandler of(HttpServerRequest request) {
        return connections.isEmpty()
            ? hosts
            : connections.getOrDefault(request.remoteAddress(), hosts);
      }
    };
  }

  /**
   * Sends the requests.
   *
   * @param http where HTTP/1.1 is accepted
   * @param grpc where gRPC is accepted
   * @param own handles them, of both protocols
   * @param patience the time that they may take in all
   * @return how many were answered with outputs
   */
  int run(
      Catalog catalog,
      InetSocketAddress http,
      InetSocketAddress grpc,
      RequestHandler own,
      Duration patience) {
    List<WarmupRequest> requests = new ArrayList<>();
    List<WarmupRequest> calls = new ArrayList<>();
    catalog.statuses().stream()
        .map(VersionStatus::id)
        .forEach(
            id ->
                catalog
                    .version(id)
                    .flatMap(version -> version.sample())
                    .ifPresent(
                        row -> {
                          requests.addAll(WarmupRequest.http(id, row));
                          calls.add(WarmupRequest.grpc(id, row));
                        }));
    Future<?> sent =
        Future.all(
            connect(http, HttpVersion.HTTP_1_1, own)
                .compose(connection -> send(connection, rounds(requests))),
            connect(grpc, HttpVersion.HTTP_2, own)
                .compose(connection -> send(connection, rounds(calls))));
    try {
      sent.otherwiseEmpty().await(patience);
      if (sent.failed()) {
        LOG.info("the warm-up failed after {} answers: {}", answers, sent.cause().toString());
      }
    } catch (TimeoutException e) {
      LOG.info(
          "the warm-up was ended after {} s and {} answers: the first callers may wait longer",
          patience.toSeconds(),
          answers);
    }
    client.close().onComplete(closed -> connections.clear());
    return answers.get();
  }

  private static Iterator<WarmupRequest> rounds(List<WarmupRequest> requests) {
    return Collections.nCopies(ROUNDS, requests).stream().flatMap(List::stream).iterator();
  }

  private Future<HttpClientConnection> connect(
      InetSocketAddress to, HttpVersion version, RequestHandler own) {
    HttpConnectOptions options =
        new HttpConnectOptions()
            .setServer(SocketAddress.inetSocketAddress(to))
            .setProtocolVersion(version);
    if (isSecured) {
      options.setSsl(true).setSslOptions(trustingItself());
    }
    return client
        .connect(options)
        .onSuccess(connection -> connections.put(connection.localAddress(), own));
  }

  /** The listener is this process's own, and its certificate need not name the address. */
  private static ClientSSLOptions trustingItself() {
    return new ClientSSLOptions()
        .setTrustAll(true)
        .setHostnameVerificationAlgorithm("")
        .setUseAlpn(true);
  }

  private Future<Void> send(HttpClientConnection connection, Iterator<WarmupRequest> requests) {
    if (!requests.hasNext()) {
      return Future.succeededFuture();
    }
    WarmupRequest next = requests.next();
    return connection
        .request(next.options())
        .compose(begun -> begun.send(next.body()))
        .compose(response -> response.body().onSuccess(body -> count(response)))
        .compose(body -> send(connection, requests));
  }

  private void count(HttpClientResponse response) {
    // A refused call of gRPC has its status in the head.
    if (response.statusCode() == OK && response.getHeader("grpc-status") == null) {
      answers.incrementAndGet();
    }
  }
}
