package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.registry.RepositoryFixture;

final class SidecarTest {
  private static final int MAX_BODY = TestSettings.MAX_BODY;

  @TempDir static Path folder;

  private static Sidecar sidecar;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    LogFormat.text.install();
    RepositoryFixture models = new RepositoryFixture(Files.createDirectory(folder.resolve("m")));
    models.logistic("ranker", 1);
    models.logistic("ranker", 2);
    models.tree("a pricer", 1);
    models.logistic("broken", 1, List.of("{}"), UnaryOperator.identity());
    sidecar = Sidecar.start(settings(folder.resolve("m"), folder.resolve("s")), "test");
    client = new Client(sidecar.addresses().get(0).split(" ")[1]);
  }

  @AfterAll
  static void stop() {
    sidecar.close();
  }

  private static Settings settings(Path models, Path socket) {
    return TestSettings.of(models, TestSettings.addresses(0, socket));
  }

  @Test
  void server_isDescribed() {
    assertEquals(
        "{\"name\":\"pillion\",\"version\":\"test\","
            + "\"extensions\":[\"binary_tensor_data\",\"statistics\",\"parameters\","
            + "\"pillion_json_null_is_missing\","
            + "\"pillion_missing_rows\",\"pillion_on_row_error\",\"pillion_unknown_inputs\",\"pillion_context\","
            + "\"pillion_rank\",\"pillion_items\",\"pillion_explain\"]}",
        client.get("/v2").body());
  }

  @Test
  void health_liveAndReady_areBothInTheBody() {
    HttpResponse<String> live = client.get("/v2/health/live");
    HttpResponse<String> ready = client.get("/v2/health/ready");

    assertEquals(200, live.statusCode());
    assertEquals(503, ready.statusCode());
    assertEquals("{\"live\":true,\"ready\":false}", ready.body());
  }

  @Test
  void model_isDescribed() {
    HttpResponse<String> model = client.get("/v2/models/a%20pricer");

    assertEquals(200, model.statusCode());
    assertEquals(
        "{\"name\":\"a pricer\",\"versions\":[\"1\"],\"platform\":\"pmml_compiled\","
            + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP64\",\"shape\":[-1],"
            + "\"parameters\":{\"missing\":\"asIs\",\"required\":true}},"
            + "{\"name\":\"member\",\"datatype\":\"BOOL\",\"shape\":[-1],"
            + "\"parameters\":{\"missing\":\"asIs\",\"required\":true}}],"
            + "\"outputs\":[{\"name\":\"price\",\"datatype\":\"FP64\",\"shape\":[-1]},"
            + "{\"name\":\"x again\",\"datatype\":\"FP64\",\"shape\":[-1]}],"
            + "\"parameters\":{\"engine\":\"compiled\",\"arithmetic\":\"jpmml\",\"version\":1}}",
        model.body());
    assertTrue(client.get("/v2/models/ranker/versions/1").body().contains("[\"1\",\"2\"]"));
  }

  @Test
  void modelReady_saysWhetherItIs() {
    assertEquals(
        "{\"name\":\"ranker\",\"ready\":true}", client.get("/v2/models/ranker/ready").body());
    assertEquals(200, client.get("/v2/models/ranker/versions/1/ready").statusCode());
    assertEquals(503, client.get("/v2/models/broken/ready").statusCode());
    assertEquals(404, client.get("/v2/models/ranker/versions/9/ready").statusCode());
    assertEquals(404, client.get("/v2/models/nobody/ready").statusCode());
  }

  @Test
  void infer_twoRows_areScoredByTheHighestVersion() {
    HttpResponse<String> answer =
        client.post(
            "/v2/models/ranker/infer", Bodies.ranker("red", "30.0", "2"), "X-Request-Id", "r-1");

    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("r-1", answer.headers().firstValue("X-Request-Id").orElseThrow());
    assertTrue(
        answer.body().startsWith("{\"model_name\":\"ranker\",\"model_version\":\"2\",\"id\":\"7\""),
        answer.body());
    assertTrue(answer.body().contains("\"engine\":\"compiled\""));
    assertTrue(
        answer
            .body()
            .contains(
                "{\"name\":\"probability(1)\",\"datatype\":\"FP64\",\"shape\":[1],"
                    + "\"data\":[0.6456563062257954]}"),
        answer.body());
  }

  @Test
  void infer_version_isScoredByIt() {
    HttpResponse<String> answer =
        client.post("/v2/models/ranker/versions/1/infer", Bodies.ranker("red", "30.0", "2"));

    assertTrue(answer.body().contains("\"model_version\":\"1\""));
  }

  @Test
  void infer_specialValues_comeBackAsTheyWent() {
    String body =
        """
        {"inputs": [{"data": [["NaN"], ["-Infinity"], [null], [5e-324], [0.1]], "shape": [5, 1],
          "datatype": "FP64", "name": "x", "parameters": {"any": 1}},
         {"name": "member", "shape": [5], "datatype": "BOOL",
          "data": [true, false, null, true, false]}],
         "outputs": [{"name": "x again"}], "unknown": {"deep": [1, {}]}}\
        """;

    HttpResponse<String> answer = client.post("/v2/models/a%20pricer/infer", body);

    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(
        answer
            .body()
            .endsWith(
                "\"outputs\":[{\"name\":\"x again\",\"datatype\":\"FP64\",\"shape\":[5],"
                    + "\"data\":[\"NaN\",\"-Infinity\",null,4.9E-324,0.1]}]}"),
        answer.body());
  }

  @Test
  void infer_rowsInError_areNullWhereAskedFor() {
    String body =
        Bodies.ranker("purple", "30.0", "2")
            .replaceFirst("\\{", "{\"parameters\": {\"on_row_error\": \"null\"},");

    HttpResponse<String> answer = client.post("/v2/models/ranker/infer", body);

    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(
        answer
            .body()
            .contains(
                "\"row_errors\":\"[{\\\"row\\\":0,\\\"field\\\":\\\"color\\\","
                    + "\\\"value\\\":\\\"purple\\\","),
        answer.body());
    assertTrue(answer.body().contains("\"data\":[null]"));
  }

  @Test
  void infer_deadline_isKeptOrReported() {
    String body = Bodies.ranker("red", "30.0", "2");

    assertEquals(
        200, client.post("/v2/models/ranker/infer", body, "X-Deadline-Ms", "5000").statusCode());
    assertEquals(
        504, client.post("/v2/models/ranker/infer", body, "X-Deadline-Ms", "0").statusCode());
    assertError(
        400,
        "the header X-Deadline-Ms is not a number of milliseconds",
        client.post("/v2/models/ranker/infer", body, "X-Deadline-Ms", "soon"));
  }

  @Test
  void infer_tooLarge_is413AndTheConnectionGoesOn() {
    String body = "{\"id\":\"" + "x".repeat(MAX_BODY) + "\"}";

    assertError(
        413,
        "the body is longer than 20000 bytes: it has 20009; see --max-body",
        client.post("/v2/models/ranker/infer", body));
    assertServes();
  }

  @Test
  void infer_chunkedAndTooLarge_is413() {
    byte[] part = "x".repeat(MAX_BODY / 3).getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> answer =
        client.send(
            client
                .request("/v2/models/ranker/infer")
                .POST(BodyPublishers.ofByteArrays(List.of(part, part, part, part))));

    assertEquals(413, answer.statusCode());
    assertServes();
  }

  @Test
  void routes_unknownPathsAndMethods_areRefused() {
    for (String path :
        List.of(
            "/",
            "/v1",
            "/v2/",
            "/v2/models",
            "/v2/models/ranker/explain",
            "/v2/health",
            "//v2",
            "/v2/models/ranker/versions",
            "/v2/repository/index",
            "/v2/repository/models/ranker/load")) {
      assertEquals(404, client.get(path).statusCode(), path);
    }
    HttpResponse<String> get = client.get("/v2/models/ranker/infer");
    assertError(405, "only POST is allowed for this path", get);
    assertEquals("POST", get.headers().firstValue("Allow").orElseThrow());
    assertError(405, "only GET is allowed for this path", client.post("/v2", ""));
  }

  @Test
  void statistics_areOfAllModels_unlessOneHasTheirPath() throws Exception {
    assertTrue(client.get("/v2/models/stats").body().startsWith("{\"model_stats\":["));

    Path models = Files.createDirectory(folder.resolve("stats"));
    new RepositoryFixture(models).logistic("stats", 3);
    try (Sidecar own = Sidecar.start(settings(models, null), "test")) {
      Client asks = new Client(own.addresses().get(0).split(" ")[1]);
      HttpResponse<String> model = asks.get("/v2/models/stats");
      assertTrue(model.body().startsWith("{\"name\":\"stats\",\"versions\":[\"3\"]"), model.body());
      assertEquals(
          200, asks.post("/v2/models/stats/infer", Bodies.ranker("red", "30.0", "2")).statusCode());
      String statistics = asks.get("/v2/models/stats/stats").body();
      assertTrue(statistics.startsWith("{\"model_stats\":[{\"name\":\"stats\""), statistics);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2",
        "/v2/openapi.json",
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/ranker",
        "/v2/models/ranker/ready",
        "/v2/models/nobody/ready",
        "/v2/models/ranker/stats",
        "/v2/models/stats",
        "/metrics",
        "/openscoring/model",
        "/openscoring/model/ranker",
        "/openscoring/model/ranker/pmml"
      })
  void head_isAnsweredAsGetIs_withoutTheBody(String path) {
    HttpResponse<String> get = client.get(path);

    HttpResponse<String> head =
        client.send(client.request(path).method("HEAD", BodyPublishers.noBody()));

    assertEquals(get.statusCode(), head.statusCode());
    assertEquals("", head.body());
    assertEquals(
        get.headers().firstValue("Content-Type"), head.headers().firstValue("Content-Type"));
    long length = head.headers().firstValueAsLong("Content-Length").orElseThrow();
    assertTrue(path.equals("/metrics") || length == get.body().length(), () -> path + length);
  }

  @Test
  void head_whereThereIsNoGet_isRefused() {
    HttpResponse<String> head =
        client.send(
            client.request("/v2/models/ranker/infer").method("HEAD", BodyPublishers.noBody()));

    assertEquals(405, head.statusCode());
    assertEquals("GET, HEAD", client.post("/v2", "").headers().firstValue("Allow").orElseThrow());
  }

  @Test
  void metrics_countRequestsAndRows() {
    client.post("/v2/models/ranker/versions/1/infer", Bodies.ranker("red", "30.0", "2"));

    String metrics = client.get("/metrics").body();

    assertTrue(
        metrics.contains(
            "pillion_requests_total{model=\"ranker\",route=\"infer\","
                + "status=\"200\",version=\"1\"}"),
        metrics);
    assertTrue(metrics.contains("pillion_rows_total{engine=\"compiled\",model=\"ranker\""));
    assertTrue(metrics.contains("pillion_request_duration_seconds_bucket"));
    assertTrue(metrics.contains("pillion_reloads_total{outcome=\"refused\"} 1.0"));
    assertTrue(metrics.contains("jvm_memory_used_bytes"));
    assertFalse(metrics.contains("nobody"));
  }

  @Test
  void metrics_countMissingAndUnseenValuesByField() {
    String strange = Bodies.ranker("purple", "null", "2");
    client.post("/v2/models/ranker/versions/1/infer", strange);

    String metrics = client.get("/metrics").body();

    String labels = "_total{field=\"%s\",model=\"ranker\",version=\"1\"} 1.0";
    assertTrue(metrics.contains("pillion_field_missing" + labels.formatted("age")), metrics);
    assertTrue(metrics.contains("pillion_field_unseen" + labels.formatted("color")), metrics);
    assertFalse(metrics.contains("pillion_field_unseen_total{field=\"age\""));
  }

  @Test
  void socket_isPrivateAndServes() throws IOException {
    Path socket = folder.resolve("s");

    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(
          ByteBuffer.wrap(
              "GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      channel.read(answer);
      String text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
      assertTrue(text.startsWith("HTTP/1.1 200 OK"), text);
    }
  }

  @Test
  void start_portInUse_saysSo() {
    int port = Integer.parseInt(sidecar.addresses().get(0).replaceAll(".*:", ""));
    Settings settings = TestSettings.of(folder.resolve("m"), TestSettings.addresses(port, null));

    StartException failure =
        assertThrows(StartException.class, () -> Sidecar.start(settings, "test"));

    assertTrue(failure.getMessage().startsWith("cannot listen on 127.0.0.1:" + port + ": "));
  }

  @Test
  void start_socketInUse_saysSo() {
    StartException failure =
        assertThrows(
            StartException.class,
            () -> Sidecar.start(settings(folder.resolve("m"), folder.resolve("s")), "test"));

    assertTrue(failure.getMessage().endsWith(": another process does"), failure.getMessage());
  }

  @Test
  void start_staleSocket_isReplaced() throws Exception {
    Path socket = folder.resolve("stale");
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(socket));
    }

    try (Sidecar second = Sidecar.start(settings(folder.resolve("m"), socket), "test")) {
      assertEquals("sidecar-uds unix:" + socket, second.addresses().get(2));
    }
    assertFalse(Files.exists(socket));
  }

  @Test
  void start_noRepository_saysSo() {
    Path absent = folder.resolve("absent");

    StartException failure =
        assertThrows(StartException.class, () -> Sidecar.start(settings(absent, null), "test"));

    assertEquals("there is no model repository at " + absent, failure.getMessage());
  }

  private static void assertServes() {
    assertEquals(
        200,
        client.post("/v2/models/ranker/infer", Bodies.ranker("red", "30.0", "2")).statusCode());
  }

  private static void assertError(int status, String sentence, HttpResponse<String> answer) {
    assertEquals("{\"error\":\"" + sentence + "\"}", answer.body());
    assertEquals(status, answer.statusCode());
  }
}
