package org.pillion.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.DeadlineExceeded;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.ranker.ScoreAnswer;
import org.pillion.ranker.ScoreRequest;
import org.pillion.registry.RepositoryFixture;

final class SidecarRankerTest {
  private static final int CALLERS = 8;

  private Path folder;
  private Path socket;
  private RepositoryFixture models;

  /** In the shortest folder there is, since a socket's path may not be long. */
  @BeforeEach
  void publish() throws IOException {
    folder = Files.createTempDirectory("pillion");
    socket = folder.resolve("run/s.sock");
    models = new RepositoryFixture(Files.createDirectory(folder.resolve("models")));
    models.line("line", 1, 1, ranking("y"));
  }

  @AfterEach
  void delete() throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
    }
  }

  @Test
  void usualAddress_isTheSidecars() {
    Map<Map<String, String>, String> expected =
        Map.of(
            Map.of("XDG_RUNTIME_DIR", "/run/user/7", "HOME", "/home/a"),
            "unix:/run/user/7/pillion/sidecar.sock",
            Map.of("XDG_RUNTIME_DIR", "", "XDG_CACHE_HOME", "/cache", "HOME", "/home/a"),
            "unix:/cache/pillion/run/sidecar.sock",
            Map.of("HOME", "/home/a"),
            "unix:/home/a/.cache/pillion/run/sidecar.sock");
    expected.forEach(
        (environment, address) -> assertEquals(address, SidecarRanker.usualAddress(environment)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sidecar-uds", "sidecar-grpc"})
  void rank_overSocketAndTcp_hasTheBits(String listener) {
    models.logistic("colors", 1, RepositoryFixture.LOGISTIC_ROWS, ranking("probability(1)"));
    try (SidecarProcess sidecar = start();
        SidecarRanker ranker = open(sidecar, listener)) {
      RankAnswer answer =
          ranker.rank(
              RankRequest.of("colors")
                  .context(Map.of("age", 30.0, "visits", 2, "unknown", "left aside"))
                  .candidates(Map.of("color", List.of("blue", "red")))
                  .names(List.of("b", "a"))
                  .build(),
              Deadline.none());
      ScoreAnswer scored =
          ranker.score(
              ScoreRequest.of(
                  "colors",
                  Map.of(
                      "color",
                      List.of("red", "green"),
                      "visits",
                      List.of(2L, 0L),
                      "age",
                      list(30.0, null))),
              Deadline.none());

      assertEquals("colors", answer.model());
      assertEquals(2, answer.candidates());
      assertEquals(0.6456563062257954, answer.scores().get(answer.items().indexOf("a")));
      int output = scored.result().fields().size() - 1;
      assertEquals("probability(1)", scored.result().fields().get(output).name());
      assertEquals(0.6456563062257954, scored.result().columns().get(output).value(0));
      assertEquals(0.33181222783183389, scored.result().columns().get(output).value(1));
    }
  }

  @Test
  void rank_afterTheSidecarWasKilled_worksAgainWithTheNextOne() {
    try (SidecarProcess first = start();
        SidecarRanker ranker = open(first, "sidecar-uds")) {
      assertEquals(1, ranker.rank(numbers(2).build(), Deadline.none()).version());
      first.kill();

      RankerUnavailable error =
          assertThrows(
              RankerUnavailable.class, () -> ranker.rank(numbers(2).build(), Deadline.none()));
      assertTrue(error.getMessage().contains(socket.toString()), error.getMessage());

      try (SidecarProcess second = start()) {
        assertEquals("unix:" + socket, second.address("sidecar-uds"));
        assertEquals(1, ranker.rank(numbers(2).build(), Deadline.none()).version());
      }
    }
  }

  @Test
  void rank_versionWithAnotherInput_isAskedWithWhatItTakes() {
    RankRequest request =
        RankRequest.of("line")
            .context(Map.of("age", 30.0, "visits", 2))
            .candidates(Map.of("x", List.of(1.0, 2.0), "color", List.of("green", "red")))
            .build();
    try (SidecarProcess sidecar = start("--poll", "50");
        SidecarRanker ranker = open(sidecar, "sidecar-uds")) {
      assertEquals(1, ranker.rank(request, Deadline.none()).version());
      models.logistic("line", 2, RepositoryFixture.LOGISTIC_ROWS, ranking("probability(1)"));

      RankAnswer answer = ranker.rank(request, Deadline.none());
      while (answer.version() == 1) {
        answer = ranker.rank(request, Deadline.none());
      }

      assertTrue(answer.scores().contains(0.6456563062257954), answer.toString());
    }
  }

  @Test
  void rank_fromManyThreadsWhileVersionsAreSwapped_neverFails() throws Exception {
    RankRequest request =
        RankRequest.of("line")
            .context(Map.of("age", 30.0, "visits", 2))
            .candidates(Map.of("x", List.of(1.0, 2.0), "color", List.of("green", "red")))
            .build();
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong newest = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    try (SidecarProcess sidecar = start("--poll", "20");
        SidecarRanker ranker = open(sidecar, "sidecar-uds")) {
      Callable<Void> caller =
          () -> {
            while (!done.get()) {
              RankAnswer answer = ranker.rank(request, Deadline.none());
              assertIsOfItsVersion(answer);
              newest.accumulateAndGet(answer.version(), Math::max);
            }
            return null;
          };
      List<Future<Void>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        callers.add(threads.submit(caller));
      }
      for (int version = 2; version <= 6; version++) {
        if (version % 2 == 0) {
          models.logistic(
              "line", version, RepositoryFixture.LOGISTIC_ROWS, ranking("probability(1)"));
        } else {
          models.line("line", version, version, ranking("y"));
        }
        while (newest.get() < version && callers.stream().noneMatch(Future::isDone)) {
          Thread.sleep(5);
        }
      }
      done.set(true);
      for (Future<Void> asked : callers) {
        asked.get();
      }
    } finally {
      done.set(true);
      threads.shutdown();
    }
    assertEquals(6, newest.get());
  }

  /** Odd versions take a number, and add their own to it; even ones take a color. */
  private static void assertIsOfItsVersion(RankAnswer answer) {
    boolean takesColor = answer.version() % 2 == 0;
    assertEquals(
        takesColor ? 0.6456563062257954 : 2.0 + answer.version(),
        answer.scores().get(answer.items().indexOf(1L)),
        answer.toString());
  }

  @Test
  void rank_badInput_namesFieldAndWhatIsWrong() {
    try (SidecarProcess sidecar = start();
        SidecarRanker ranker = open(sidecar, "sidecar-uds")) {
      InvalidRequest text =
          assertThrows(
              InvalidRequest.class,
              () ->
                  ranker.rank(
                      RankRequest.of("line").candidates(Map.of("x", List.of("many"))).build(),
                      Deadline.none()));
      InvalidRequest model =
          assertThrows(
              InvalidRequest.class,
              () -> ranker.rank(RankRequest.of("nobody").build(), Deadline.none()));
      RankerUnavailable version =
          assertThrows(
              RankerUnavailable.class,
              () -> ranker.rank(numbers(1).version(9).build(), Deadline.none()));
      RankAnswer many = ranker.rank(numbers(10_000).k(1).build(), Deadline.none());

      assertEquals("the field 'x', row 0: many is not a value of type double", text.getMessage());
      assertEquals("there is no model 'nobody'", model.getMessage());
      assertEquals("the model 'line' has no version 9", version.getMessage());
      assertEquals(List.of(9_999L), many.items());
    }
  }

  @Test
  void rank_deadlineThatIsOver_isNotSent() {
    try (SidecarRanker ranker = SidecarRanker.of("unix:" + socket).open()) {
      Deadline over = Deadline.after(Duration.ofNanos(-5_000), () -> 0);

      assertThrows(DeadlineExceeded.class, () -> ranker.rank(numbers(1).build(), over));
    }
  }

  @Test
  void rank_socketThatIsNotThere_saysWhichAndMayBeTriedAgain() {
    try (SidecarRanker ranker = SidecarRanker.of("unix:" + socket).open()) {
      RankerUnavailable error =
          assertThrows(
              RankerUnavailable.class, () -> ranker.rank(numbers(1).build(), Deadline.none()));

      assertTrue(error.retryable());
      assertTrue(error.getMessage().contains(socket.toString()), error.getMessage());
    }
  }

  @Test
  void rank_serverThatSaysNothing_endsWithTheDeadline() throws IOException {
    try (ServerSocket silent = new ServerSocket(0);
        SidecarRanker ranker =
            SidecarRanker.of("http://127.0.0.1:" + silent.getLocalPort()).open()) {
      Deadline deadline = Deadline.after(Duration.ofMillis(200));

      assertThrows(DeadlineExceeded.class, () -> ranker.rank(numbers(1).build(), deadline));
    }
  }

  @Test
  void rank_serverThatSpeaksAnotherProtocol_isUnavailable() throws IOException {
    try (ServerSocket mail = new ServerSocket(0)) {
      Thread server =
          new Thread(
              () -> {
                while (!mail.isClosed()) {
                  try (Socket connection = mail.accept()) {
                    connection.getOutputStream().write("220 mail ready\r\n".getBytes(US_ASCII));
                  } catch (IOException e) {
                    continue;
                  }
                }
              });
      server.setDaemon(true);
      server.start();
      try (SidecarRanker ranker =
          SidecarRanker.of("http://127.0.0.1:" + mail.getLocalPort()).open()) {
        assertThrows(
            RankerUnavailable.class, () -> ranker.rank(numbers(1).build(), Deadline.none()));
      }
    }
  }

  @Test
  void rank_socketWithoutPermission_saysWhichAndMayBeTriedAgain() throws IOException {
    try (SidecarProcess sidecar = start()) {
      assertEquals("unix:" + socket, sidecar.address("sidecar-uds"));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("---------"));
      assumeFalse(Files.isWritable(socket), "root may open any socket");
      try (SidecarRanker ranker = SidecarRanker.of("unix:" + socket).open()) {
        RankerUnavailable error =
            assertThrows(
                RankerUnavailable.class, () -> ranker.rank(numbers(1).build(), Deadline.none()));

        assertTrue(error.retryable());
        assertTrue(error.getMessage().contains(socket.toString()), error.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"unix:relative", "http://127.0.0.1", "ftp://127.0.0.1:1", "somewhere", ""})
  void of_addressThatIsNone_isRefused(String address) {
    assertThrows(IllegalArgumentException.class, () -> SidecarRanker.of(address).open());
  }

  @Test
  void of_socketPathThatIsTooLong_saysTheLimit() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> SidecarRanker.of("unix:/" + "x".repeat(107)).open());

    assertTrue(error.getMessage().contains("108 bytes, more than 107"), error.getMessage());
  }

  private SidecarProcess start(String... options) {
    return new SidecarProcess(folder.resolve("models"), socket, options);
  }

  private static SidecarRanker open(SidecarProcess sidecar, String listener) {
    String scheme = listener.equals("sidecar-grpc") ? "http://" : "";
    return SidecarRanker.of(scheme + sidecar.address(listener)).open();
  }

  private static RankRequest.Builder numbers(int count) {
    return RankRequest.of("line")
        .candidates(Map.of("x", IntStream.range(0, count).mapToObj(i -> (double) i).toList()));
  }

  private static List<Double> list(Double first, Double second) {
    return Arrays.asList(first, second);
  }

  private static UnaryOperator<String> ranking(String output) {
    return manifest ->
        manifest.replaceFirst(
            "\\{", "{\"ranking\": {\"kind\": \"score\", \"output\": \"%s\"}, ".formatted(output));
  }
}
