package org.pillion.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.DeadlineExceeded;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.registry.RepositoryFixture;

final class EmbeddedRankerTest {
  private static final UnaryOperator<String> RANKS = ranking("y");

  @TempDir Path folder;
  private RepositoryFixture models;

  @BeforeEach
  void publish() {
    models = new RepositoryFixture(folder);
    models.line("line", 1, 1, RANKS);
  }

  @Test
  void rank_whileVersionsAreSwapped_noErrorAndEachAnswerOfOneVersion() throws Exception {
    int last = 12;
    int other = last - 1;
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (EmbeddedRanker ranker = open()) {
      RankRequest request = numbers(64).k(64).build();
      List<Future<Long>> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        callers.add(
            threads.submit(
                () -> {
                  long newest = 0;
                  while (!over.get() || newest < last) {
                    RankAnswer answer = ranker.rank(request, Deadline.none());
                    if (answer.version() != other) {
                      assertEquals(scores(64, answer.version()), answer.scores());
                    }
                    newest = answer.version();
                  }
                  return newest;
                }));
      }
      for (int version = 2; version < other; version++) {
        models.line("line", version, version, RANKS);
        ranker.reload();
      }
      // It takes other inputs than those before: what the host gives besides is left aside.
      models.logistic("line", other, RepositoryFixture.LOGISTIC_ROWS, ranking("probability(1)"));
      ranker.reload();
      models.line("line", last, last, RANKS);
      ranker.reload();
      over.set(true);
      for (Future<Long> caller : callers) {
        assertEquals(last, caller.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void rank_versionWithAnotherInput_takesWhatItWants() throws IOException {
    RankRequest request =
        RankRequest.of("line")
            .context(Map.of("age", 30.0, "visits", 2L))
            .candidates(Map.of("x", List.of(1.0, 2.0), "color", List.of("green", "red")))
            .names(List.of("a", "b"))
            .build();
    try (EmbeddedRanker ranker = open()) {
      assertEquals(List.of("b", "a"), ranker.rank(request, Deadline.none()).items());
      models.logistic("line", 2, RepositoryFixture.LOGISTIC_ROWS, ranking("probability(1)"));
      ranker.reload();

      RankAnswer answer = ranker.rank(request, Deadline.none());

      assertEquals(2, answer.version());
      assertTrue(answer.scores().contains(0.6456563062257954), answer.toString());
      assertEquals(1, ranker.rank(pinned(request, 1), Deadline.none()).version());
    }
  }

  @Test
  void reload_versionThatDoesNotReproduceItsRows_isRefusedAndTheOldOneServes() throws IOException {
    try (EmbeddedRanker ranker = open()) {
      models.logistic(
          "line",
          2,
          List.of("{\"input\": {\"color\": \"red\"}, \"expected\": {\"prediction\": 7.0}}"),
          ranking("prediction"));
      ranker.reload();

      assertEquals(1, ranker.rank(numbers(1).build(), Deadline.none()).version());
      assertTrue(
          ranker.catalog().statuses().stream()
              .anyMatch(status -> !status.ready() && status.reason().contains("prediction")));
    }
  }

  @Test
  void rank_deadlineThatIsOver_isRefusedBeforeAnythingIsScored() {
    try (EmbeddedRanker ranker = open()) {
      Deadline over = Deadline.after(Duration.ofNanos(-5_000), () -> 0);

      DeadlineExceeded error =
          assertThrows(DeadlineExceeded.class, () -> ranker.rank(numbers(1).build(), over));

      assertEquals("the deadline was over 5 µs ago", error.getMessage());
    }
  }

  @Test
  void rank_deadlineThatEndsBetweenBlocks_stops() {
    long[] now = {0};
    Deadline deadline = Deadline.after(Duration.ofNanos(3), () -> now[0]++);
    try (EmbeddedRanker ranker = open()) {
      assertThrows(DeadlineExceeded.class, () -> ranker.rank(numbers(10_000).build(), deadline));
    }
  }

  @Test
  void rank_tenThousandCandidates_ranksAll() {
    try (EmbeddedRanker ranker = open()) {
      RankAnswer answer = ranker.rank(numbers(10_000).k(3).build(), Deadline.none());

      assertEquals(10_000, answer.candidates());
      assertEquals(List.of(9_999L, 9_998L, 9_997L), answer.items());
    }
  }

  @Test
  void rank_badRequest_namesFieldAndWhatWasExpected() {
    try (EmbeddedRanker ranker = open()) {
      assertInvalid(
          ranker,
          RankRequest.of("line").candidates(Map.of("x", List.of("many"))),
          "x",
          "the field 'x', row 0: many is not a value of type double");
      assertInvalid(
          ranker,
          RankRequest.of("line").candidates(Map.of("z", List.of(1.0))).strict(),
          "z",
          "the field 'z' is not an input of the model");
      assertInvalid(
          ranker,
          RankRequest.of("line").ids(List.of(1L)),
          "ids",
          "version 1 of the model 'line' has no item table, and no other items are in memory:"
              + " describe the candidates instead of naming them by 'ids'");
      assertInvalid(
          ranker,
          RankRequest.of("line"),
          "candidates",
          "version 1 of the model 'line' ranks candidates: give them by 'ids' or describe them");
      assertInvalid(ranker, RankRequest.of("nobody"), "model", "there is no model 'nobody'");
    }
  }

  @Test
  void rank_versionThatIsGone_isUnavailable() {
    try (EmbeddedRanker ranker = open()) {
      RankRequest gone = pinned(numbers(1).build(), 9);

      RankerUnavailable error =
          assertThrows(RankerUnavailable.class, () -> ranker.rank(gone, Deadline.none()));

      assertEquals("the model 'line' has no version 9 that is ready", error.getMessage());
    }
  }

  @Test
  void open_repositoryThatIsNotThere_saysSo() {
    Path absent = folder.resolve("absent");

    RankerUnavailable error =
        assertThrows(RankerUnavailable.class, () -> EmbeddedRanker.of(absent).open());

    assertTrue(error.getMessage().contains(absent.toString()), error.getMessage());
  }

  @Test
  void open_modelThatHasToServeAndIsRefused_saysWhy() {
    models.line("other", 1, 1, manifest -> manifest.replace("\"format\": 1", "\"format\": 9"));

    RankerUnavailable error =
        assertThrows(
            RankerUnavailable.class, () -> EmbeddedRanker.of(folder).models("other").open());

    assertTrue(error.getMessage().contains("format 9"), error.getMessage());
  }

  @Test
  void ofResource_folderOfTheClassPath_ranksAndLeavesNothingBehind() throws Exception {
    Path classes = folder.resolve("classes/models");
    Files.createDirectories(classes);
    new RepositoryFixture(classes).line("line", 1, 1, RANKS);
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.resolve("classes").toUri().toURL()})) {
      Path copy = ResourceFolder.copy(loader, "models");

      assertTrue(Files.isRegularFile(copy.resolve("line/1/model.pmml")));
      ResourceFolder.delete(copy);
      assertFalse(Files.exists(copy));
    }
    assertThrows(IllegalArgumentException.class, () -> EmbeddedRanker.ofResource("no such folder"));
  }

  @Test
  void rankAsync_answersLikeRank() throws Exception {
    try (EmbeddedRanker ranker = open()) {
      RankAnswer answer = ranker.rankAsync(numbers(3).build(), Deadline.none()).get();

      assertEquals(ranker.rank(numbers(3).build(), Deadline.none()), answer);
    }
  }

  @Test
  void rankAsync_noRoom_isUnavailableAndMayBeTriedAgain() {
    try (EmbeddedRanker ranker =
        EmbeddedRanker.of(folder)
            .poll(Duration.ZERO)
            .executor(
                task -> {
                  throw new RejectedExecutionException("full");
                })
            .open()) {
      ExecutionException error =
          assertThrows(
              ExecutionException.class,
              () -> ranker.rankAsync(numbers(1).build(), Deadline.none()).get());

      assertTrue(((RankerUnavailable) error.getCause()).retryable());
    }
  }

  @Test
  void verifyModels_soundAndUnsound_exitStatus() {
    assertEquals(0, verify());
    models.line("other", 1, 1, manifest -> manifest.replace("\"format\": 1", "\"format\": 9"));
    assertEquals(1, verify());
  }

  private int verify() {
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return VerifyModels.run(folder, out, out);
  }

  private EmbeddedRanker open() {
    return EmbeddedRanker.of(folder).poll(Duration.ZERO).open();
  }

  private static void assertInvalid(
      EmbeddedRanker ranker, RankRequest.Builder request, String field, String message) {
    InvalidRequest error =
        assertThrows(InvalidRequest.class, () -> ranker.rank(request.build(), Deadline.none()));
    assertEquals(message, error.getMessage());
    assertEquals(field, error.field());
  }

  private static RankRequest.Builder numbers(int count) {
    return RankRequest.of("line").candidates(Map.of("x", doubles(count)));
  }

  private static List<Double> doubles(int count) {
    return IntStream.range(0, count).mapToObj(i -> (double) i).toList();
  }

  /** The numbers plus the version, the largest first. */
  private static List<Double> scores(int count, long version) {
    List<Double> scores = new ArrayList<>(doubles(count).stream().map(x -> x + version).toList());
    Collections.reverse(scores);
    return scores;
  }

  private static RankRequest pinned(RankRequest request, long version) {
    return RankRequest.of(request.model())
        .version(version)
        .context(request.context())
        .candidates(request.candidates())
        .build();
  }

  private static UnaryOperator<String> ranking(String output) {
    return manifest ->
        manifest.replaceFirst(
            "\\{", "{\"ranking\": {\"kind\": \"score\", \"output\": \"%s\"}, ".formatted(output));
  }
}
