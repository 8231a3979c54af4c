package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.registry.RepositoryFixture;
import org.pillion.server.access.BearerToken;

/** The operators' address: its routes, and that they need the token. */
final class AdminTest {
  private static final String TOKEN = "a token of some length";
  private static final String RANKER = "/v2/repository/models/ranker/";

  @TempDir Path folder;

  private RepositoryFixture models;
  private Sidecar sidecar;
  private Client host;
  private Client admin;

  @BeforeEach
  void start() throws Exception {
    LogFormat.text.install();
    models = new RepositoryFixture(folder);
    models.logistic("ranker", 1);
    models.logistic("ranker", 2);
    open();
  }

  private void open() throws StartException {
    HostPort any = new HostPort("127.0.0.1", 0);
    Settings.Admin address = new Settings.Admin(any, BearerToken.of(TOKEN));
    sidecar =
        Sidecar.start(
            TestSettings.of(
                folder, new Settings.Addresses(any, any, Optional.empty(), Optional.of(address))),
            "test");
    host = new Client(address("sidecar-http "));
    admin = new Client(address("sidecar-admin "));
  }

  private String address(String name) {
    return sidecar.addresses().stream()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .orElseThrow()
        .substring(name.length());
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  @Test
  void rollback_servesThePreviousVersion_andARestartKeepsIt() throws Exception {
    assertEquals("2", serving());

    HttpResponse<String> answer = ask(RANKER + "rollback", "");

    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(
        "{\"name\":\"ranker\",\"before\":\"2\",\"serving\":\"1\",\"pinned\":true}", answer.body());
    assertEquals("1", serving());
    sidecar.close();
    open();
    assertEquals("1", serving());
  }

  @Test
  void promote_version_servesIt_andWithoutOneFollowsTheNewest() {
    assertTrue(ask(RANKER + "promote", "{\"version\": 1}").body().contains("\"serving\":\"1\""));
    assertEquals("1", serving());
    assertTrue(ask(RANKER + "promote", "{\"version\": \"2\"}").body().contains("\"pinned\":true"));
    assertTrue(ask(RANKER + "promote", "{}").body().contains("\"pinned\":false"));
    assertEquals("2", serving());
  }

  @Test
  void unload_andLoad_changeWhatServes() {
    HttpResponse<String> answer;
    try (LoggedLines lines = LoggedLines.ofAllLevels("io.micrometer")) {
      assertEquals(200, ask(RANKER + "unload", "").statusCode());
      assertEquals(503, host.get("/v2/models/ranker/ready").statusCode());

      answer = ask(RANKER + "load", "{\"parameters\": {}}");

      assertEquals(List.of(), lines.beginningWith("This Gauge has been already registered"));
    }
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("2", serving());
    String metrics = host.get("/metrics").body();
    assertTrue(
        metrics.contains("pillion_serving_version{model=\"ranker\",version=\"2\"} 1.0"), metrics);
  }

  @Test
  void load_modelPublishedJustNow_servesItAtOnce() {
    models.tree("pricer", 1);

    assertEquals(200, ask("/v2/repository/models/pricer/load", "").statusCode());
    assertEquals(200, host.get("/v2/models/pricer/ready").statusCode());
  }

  @Test
  void index_listsStatesReasonsAndWhatServes() {
    models.logistic("broken", 1, List.of("{}"), UnaryOperator.identity());
    ask("/v2/repository/models/broken/load", "");

    String all = ask("/v2/repository/index", "").body();
    String ready = ask("/v2/repository/index", "{\"ready\": true}").body();

    assertTrue(
        all.contains(
            "{\"name\":\"broken\",\"version\":\"1\",\"state\":\"UNAVAILABLE\","
                + "\"reason\":\"line 1 of verification.jsonl has no object 'input'\""),
        all);
    assertTrue(all.contains("\"rows_verified\":3,\"serving\":true,\"pinned\":false}"), all);
    assertTrue(all.contains("\"rows_verified\":3,\"serving\":false,\"pinned\":false}"), all);
    assertFalse(ready.contains("broken"));
    assertTrue(ready.contains("ranker"));
  }

  @Test
  void index_namesFoldersThatAreNoVersions() throws Exception {
    Files.createDirectory(folder.resolve("ranker/v3"));
    Files.createSymbolicLink(folder.resolve("lost+found"), Path.of("lost+found"));
    ask(RANKER + "load", "");

    String all = ask("/v2/repository/index", "").body();

    assertTrue(
        all.contains(
            "{\"name\":\"lost+found\",\"version\":\"\",\"state\":\"UNAVAILABLE\","
                + "\"reason\":\"the folder cannot be read (Too many levels"),
        all);
    assertTrue(
        all.contains(
            "{\"name\":\"ranker\",\"version\":\"v3\",\"state\":\"UNAVAILABLE\","
                + "\"reason\":\"the folder's name is not a whole number"),
        all);
    assertFalse(ask("/v2/repository/index", "{\"ready\": true}").body().contains("UNAVAILABLE"));
    String metrics = host.get("/metrics").body();
    for (String kind : List.of("unreadable", "not_a_version")) {
      assertTrue(
          metrics.contains("pillion_repository_problems{kind=\"" + kind + "\"} 1.0"), metrics);
    }
    assertEquals(200, host.get("/v2/health/ready").statusCode());
  }

  @Test
  void versions_ofManyDigits_areServedAndPromoted() {
    models.logistic("ranker", 1_700_000_001L);
    models.logistic("ranker", Long.MAX_VALUE);
    ask(RANKER + "load", "");

    assertEquals("9223372036854775807", serving());
    ask(RANKER + "promote", "{\"version\": \"1700000001\"}");
    assertEquals("1700000001", serving());
    ask(RANKER + "promote", "{\"version\": 2}");
    assertEquals("2", serving());
    ask(RANKER + "promote", "{\"version\": null}");
    assertEquals("9223372036854775807", serving());
  }

  @Test
  void removedVersion_leavesNoSeriesAndNoStatistics() throws Exception {
    serving();
    assertTrue(host.get("/metrics").body().contains("version=\"2\""));
    Path second = folder.resolve("ranker/2");
    Path away = Files.move(second, folder.resolve(".ranker-2"));
    ask(RANKER + "load", "");

    String metrics = host.get("/metrics").body();

    assertFalse(metrics.contains("version=\"2\""), metrics);
    Files.move(away, second);
    ask(RANKER + "load", "");
    String statistics = host.get("/v2/models/ranker/versions/2/stats").body();
    assertTrue(statistics.contains("\"inference_count\":0"), statistics);
  }

  @Test
  void pmml_isTheDocumentThatServes_notTheOneInTheFolder() throws Exception {
    Path document = folder.resolve("ranker/2/model.pmml");
    String pmml = Files.readString(document);
    Files.writeString(document, "<PMML/>");
    ask(RANKER + "load", "");

    assertEquals(pmml, host.get("/openscoring/model/ranker/pmml").body());
  }

  @Test
  void change_thatCannotBe_isRefusedAndHarmsNothing() {
    models.logistic("ranker", 3, List.of("{}"), UnaryOperator.identity());
    ask(RANKER + "load", "");

    assertError(404, "there is no model 'nobody'", "/v2/repository/models/nobody/rollback", "");
    assertError(404, "the model 'ranker' has no version 9", RANKER + "promote", "{\"version\": 9}");
    assertError(
        409,
        "version 3 of the model 'ranker' is not ready:"
            + " line 1 of verification.jsonl has no object 'input'",
        RANKER + "promote",
        "{\"version\": 3}");
    assertError(
        400, "'version' is not the number of a version", RANKER + "promote", "{\"version\": -1}");
    assertError(
        400, "'version' is not the number of a version", RANKER + "promote", "{\"version\": [1]}");
    assertError(400, "the body is not a JSON object", RANKER + "promote", "[]");
    assertError(400, "the body is not valid JSON at line 1, column 2", RANKER + "promote", "{");
    assertError(404, "there is nothing at /v2/models/ranker/infer", "/v2/models/ranker/infer", "");
    assertEquals("2", serving());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic " + TOKEN,
        TOKEN,
        "Bearer " + TOKEN + "x"
      })
  void anyone_withoutTheToken_isTurnedAway(String header) {
    for (String path : List.of("/v2/repository/index", RANKER + "rollback", "/", "/v2")) {
      HttpResponse<String> answer =
          header.isEmpty() ? admin.post(path, "") : admin.post(path, "", "Authorization", header);

      assertEquals(401, answer.statusCode());
      assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElseThrow());
      assertFalse(answer.body().contains(TOKEN));
    }
    assertEquals("2", serving());
  }

  @Test
  void hosts_cannotChangeAnything() {
    for (String action : List.of("load", "unload", "promote", "rollback")) {
      assertEquals(
          404, host.post(RANKER + action, "", "Authorization", "Bearer " + TOKEN).statusCode());
    }
    assertEquals("2", serving());
  }

  @Test
  void answers_namePathsOnTheWireOnly() throws Exception {
    Files.writeString(folder.resolve(".serving.json"), "no state");

    HttpResponse<String> answer = ask(RANKER + "load", "");

    assertEquals(500, answer.statusCode());
    assertFalse(answer.body().contains(folder.toString()), answer.body());
    assertEquals("2", serving());
  }

  @Test
  void changes_areLoggedWithWhoAskedForWhat_andWhatServes() throws Exception {
    try (LoggedLines lines = LoggedLines.of("org.pillion.server")) {
      ask(RANKER + "promote", "{\"version\": 1}");
      ask(RANKER + "load", "");
      ask(RANKER + "promote", "");
      ask(RANKER + "promote", "{\"version\": 9}");
      ask(RANKER + "unload", "");
      ask(RANKER + "load", "");

      assertEquals(
          List.of(
              "an operator's change was made operator=operator action=promote model=ranker"
                  + " version=1 before=2 serving=1",
              "what serves the model has changed model=ranker before=2 serving=1 chosen_by=operator",
              "an operator's change was made operator=operator action=load model=ranker"
                  + " before=1 serving=1",
              "an operator's change was made operator=operator action=promote model=ranker"
                  + " version=newest before=1 serving=2",
              "an operator's change was refused operator=operator action=promote model=ranker"
                  + " version=9 reason=the model 'ranker' has no version 9",
              "an operator's change was made operator=operator action=unload model=ranker"
                  + " before=2 serving=none",
              "what serves the model has changed model=ranker before=1 serving=2 chosen_by=newest",
              "an operator's change was made operator=operator action=load model=ranker"
                  + " before=none serving=2"),
          lines.beginningWith("an operator's change", "what serves"));
    }
    assertEquals(
        List.of(
            "pillion_serving_version{model=\"ranker\",version=\"1\"} 0.0",
            "pillion_serving_version{model=\"ranker\",version=\"2\"} 1.0"),
        host.get("/metrics")
            .body()
            .lines()
            .filter(line -> line.contains("serving_version{"))
            .toList());
  }

  @Test
  void change_thatTheStorageFails_saysWhy_withoutAPathOrAStackTrace() throws Exception {
    Path state = Files.createDirectory(folder.resolve(".serving.json"));
    Files.createFile(state.resolve("in the way"));
    try (LoggedLines lines = LoggedLines.of("org.pillion.server")) {
      assertError(
          500,
          "the decision cannot be written to the file of --state (Is a directory), so nothing was"
              + " changed",
          RANKER + "promote",
          "{\"version\": 1}");
      HttpResponse<String> answer = ask(RANKER + "load", "");

      assertEquals(500, answer.statusCode());
      assertEquals("{\"error\":\"the repository cannot be read (Is a directory)\"}", answer.body());
      assertEquals(
          List.of("failed", "failed"),
          lines.beginningWith("an operator's change was").stream()
              .map(line -> line.replaceAll(".* was (\\w+) .*", "$1"))
              .toList());
      assertFalse(lines.haveThrown());
    }
    String metrics = host.get("/metrics").body();
    assertTrue(
        metrics.contains("pillion_operations_total{action=\"promote\",outcome=\"failed\"} 1.0"));
    assertEquals("2", serving());
  }

  private HttpResponse<String> ask(String path, String body) {
    return admin.post(path, body, "Authorization", "Bearer " + TOKEN);
  }

  private void assertError(int status, String sentence, String path, String body) {
    HttpResponse<String> answer = ask(path, body);
    assertEquals("{\"error\":\"" + sentence + "\"}", answer.body());
    assertEquals(status, answer.statusCode());
  }

  private String serving() {
    String answer = host.post("/v2/models/ranker/infer", Bodies.ranker("red", "30.0", "2")).body();
    return answer.replaceAll(".*\"model_version\":\"(\\d+)\".*", "$1");
  }
}
