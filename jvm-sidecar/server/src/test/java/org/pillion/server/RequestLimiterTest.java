package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.registry.RepositoryFixture;
import org.pillion.server.http.AccessLog;
import org.slf4j.LoggerFactory;

/** Requests that are admitted, refused, logged, and finished at the end. */
@Timeout(120)
final class RequestLimiterTest {
  private static final String INFER = "/v2/models/line/infer";
  private static final String BODY =
      "{\"inputs\": [{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP64\", \"data\": [0.5]}]}";

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @TempDir Path folder;

  private final ListAppender<ILoggingEvent> log = appender();
  private final Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.class);
  private Sidecar sidecar;
  private Client client;

  /** One that can be read while it is written. */
  private static ListAppender<ILoggingEvent> appender() {
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.list = new CopyOnWriteArrayList<>();
    return appender;
  }

  @BeforeEach
  void start() throws Exception {
    LogFormat.text.install();
    log.start();
    logger.addAppender(log);
    new RepositoryFixture(folder).line("line", 1, 1);
    Settings.Limits limits = TestSettings.limits(1, 8, 1, 10_000, 50, true);
    sidecar =
        Sidecar.start(TestSettings.of(folder, TestSettings.addresses(0, null), limits), "test");
    client = new Client(sidecar.addresses().get(0).split(" ")[1]);
  }

  @AfterEach
  void stop() {
    sidecar.close();
    logger.detachAppender(log);
  }

  @Test
  void requests_moreThanMayBeUnderWay_areTurnedAwayAtOnceAndLaterServed() throws Exception {
    try (Socket slow = halfARequest()) {
      awaitStatus(503);
      HttpResponse<String> answer = client.post(INFER, BODY);

      assertEquals(503, answer.statusCode());
      assertEquals("1", answer.headers().firstValue("Retry-After").orElseThrow());
      assertEquals(200, client.get("/v2/health/ready").statusCode());

      slow.getOutputStream().write(BODY.substring(10).getBytes(StandardCharsets.US_ASCII));
      assertTrue(statusLine(slow).startsWith("HTTP/1.1 200"));
    }
    awaitStatus(200);
    assertTrue(client.get("/metrics").body().contains("route=\"shed\",status=\"503\""));
  }

  @Test
  void request_whoseCallerGoesAway_makesRoomForTheNext() throws Exception {
    Socket slow = halfARequest();
    awaitStatus(503);

    slow.close();

    awaitStatus(200);
  }

  @Test
  void close_letsTheRequestUnderWayFinish_andTakesNoOther() throws Exception {
    try (Socket slow = halfARequest()) {
      awaitStatus(503);
      FutureTask<Void> closing = new FutureTask<>(sidecar::close, null);
      new Thread(closing).start();
      awaitStatus(0);

      slow.getOutputStream().write(BODY.substring(10).getBytes(StandardCharsets.US_ASCII));
      String answer = new String(slow.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
      assertTrue(answer.toLowerCase(java.util.Locale.ROOT).contains("connection: close"), answer);
      assertTrue(answer.contains("\"data\":[1.5]"), answer);
      closing.get();
    }
  }

  @Test
  void log_hasIdTraceStatusAndTime() {
    String parent = "00-" + TRACE + "-" + SPAN + "-01";

    client.post(INFER, BODY, "X-Request-Id", "r-17", "traceparent", parent);
    client.post(INFER, "{}", "traceparent", "00-" + "0".repeat(32) + "-" + SPAN + "-01");

    Map<String, Object> good = line(200);
    assertEquals("r-17", good.get("request_id"));
    assertEquals(TRACE, good.get("trace_id"));
    assertEquals(SPAN, good.get("span_id"));
    assertEquals(INFER, good.get("path"));
    assertTrue((Long) good.get("duration_us") > 0);
    assertTrue(!line(400).containsKey("trace_id"));
  }

  @Test
  void jsonLog_isOneFlatObjectALine() {
    client.post(INFER, BODY, "X-Request-Id", "r-18");
    JsonLines lines = new JsonLines();
    lines.start();

    String line = new String(lines.encode(event(200)), StandardCharsets.UTF_8);

    assertTrue(
        line.matches(
            "\\{\"time\":\"[0-9T:.-]+Z\",\"level\":\"INFO\",\"logger\":\"AccessLog\","
                + "\"message\":\"answered\",\"method\":\"POST\",\"path\":\"/v2/models/line/infer\","
                + "\"status\":200,\"duration_us\":\\d+,\"request_id\":\"r-18\"}\n"),
        line);
  }

  private Map<String, Object> line(int status) {
    return pairs(event(status));
  }

  /** The line about a request for a score; it is written just after the answer. */
  private ILoggingEvent event(int status) {
    while (true) {
      for (ILoggingEvent event : log.list.toArray(ILoggingEvent[]::new)) {
        Map<String, Object> pairs = pairs(event);
        if (INFER.equals(pairs.get("path")) && pairs.get("status").equals(status)) {
          return event;
        }
      }
      Thread.onSpinWait();
    }
  }

  private static Map<String, Object> pairs(ILoggingEvent event) {
    return event.getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> pair.value));
  }

  /** A request of which all but the last part of its body was sent. */
  private Socket halfARequest() throws IOException {
    int port = Integer.parseInt(sidecar.addresses().get(0).replaceAll(".*:", ""));
    Socket socket = new Socket("127.0.0.1", port);
    String head =
        "POST " + INFER + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + BODY.length() + "\r\n\r\n";
    socket
        .getOutputStream()
        .write((head + BODY.substring(0, 10)).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Asks until the answer has a status; 0 is none at all. */
  private void awaitStatus(int status) {
    int found = -1;
    while (found != status) {
      try {
        found = client.post(INFER, BODY).statusCode();
      } catch (AssertionError e) {
        found = 0;
      }
    }
  }

  private static String statusLine(Socket socket) throws IOException {
    byte[] answer = new byte[64];
    int length = socket.getInputStream().read(answer);
    return new String(answer, 0, length, StandardCharsets.US_ASCII);
  }
}
