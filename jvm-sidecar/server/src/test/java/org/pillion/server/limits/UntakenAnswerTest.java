package org.pillion.server.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.AccessLog;
import org.pillion.server.http.Caller;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.metrics.LiveVersions;
import org.pillion.server.metrics.Metrics;

/** An answer whose caller does not take it, by a clock that stands still until it is moved. */
@Timeout(120)
final class UntakenAnswerTest {
  /** More than the buffers below, of both sides, can hold. */
  private static final byte[] ANSWER = new byte[64 << 20];

  private static final int BUFFER = 64 << 10;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1);
  private final Metrics metrics = new Metrics(new LiveVersions());
  private final RequestLimiter limiter =
      new RequestLimiter(8, 1 << 10, 1 << 30, 8, PATIENCE, metrics, new AccessLog(false), now::get);
  private final CompletableFuture<Boolean> written = new CompletableFuture<>();
  private Vertx vertx;
  private HttpServer server;

  @BeforeEach
  void start() {
    Caller.register();
    vertx = Vertx.vertx();
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setSendBufferSize(BUFFER))
            .connectionHandler(limiter::connected)
            .requestHandler(limiter.around(answering())::handle)
            .listen(0, "127.0.0.1")
            .await();
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  private RequestHandler answering() {
    return new RequestHandler() {
      @Override
      public void handle(HttpServerRequest request) {
        Place place = Place.current();
        place.beginAnswer();
        HttpResponse.json(200, ANSWER)
            .send(request)
            .onComplete(
                done -> {
                  place.endAnswer();
                  written.complete(done.succeeded());
                });
      }

      @Override
      public void refuse(HttpServerRequest request, RequestException failure) {
        HttpResponse.of(failure).send(request);
      }
    };
  }

  private Socket asking() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(BUFFER);
    socket.connect(new InetSocketAddress("127.0.0.1", server.actualPort()));
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals("HTTP/1.1 200 OK", line(socket.getInputStream()));
    return socket;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int read = in.read(); read != '\r'; read = in.read()) {
      line.append((char) read);
    }
    return line.toString();
  }

  private void sweep() {
    CompletableFuture<Void> swept = new CompletableFuture<>();
    vertx.runOnContext(
        run -> {
          limiter.sweep();
          swept.complete(null);
        });
    swept.join();
  }

  private boolean isGivenUp() {
    return metrics.scrape().contains("route=\"slow\",status=\"408\"");
  }

  @Test
  void answer_thatNobodyTakes_isGivenUpAfterThePatience_andNotBefore() throws Exception {
    try (Socket socket = asking()) {
      now.addAndGet(PATIENCE.toNanos());
      sweep();
      assertTrue(!isGivenUp() && !written.isDone());

      now.incrementAndGet();
      sweep();

      assertTrue(isGivenUp());
      assertTrue(rest(socket) < ANSWER.length);
    }
  }

  @Test
  void answer_thatIsTaken_isWrittenWhole() throws Exception {
    try (Socket socket = asking()) {
      long rest = 0;
      while (rest < ANSWER.length) {
        rest += socket.getInputStream().read(new byte[BUFFER]);
      }

      assertTrue(written.get());
      now.addAndGet(2 * PATIENCE.toNanos());
      sweep();
      assertTrue(!isGivenUp());
    }
  }

  /** Bytes until the connection ends, in whatever way. */
  private static long rest(Socket socket) {
    long rest = 0;
    byte[] part = new byte[BUFFER];
    try {
      for (int read = socket.getInputStream().read(part);
          read >= 0;
          read = socket.getInputStream().read(part)) {
        rest += read;
      }
    } catch (IOException e) {
      // Reset.
    }
    return rest;
  }
}
