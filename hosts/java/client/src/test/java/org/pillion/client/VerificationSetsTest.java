package org.pillion.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.ScoreRequest;
import org.pillion.ranker.VerificationSets;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.ScoreResult;

/** What comes back from a sidecar are the very bits that Spark computed. */
final class VerificationSetsTest {
  private static Path folder;
  private static SidecarProcess sidecar;
  private static SidecarRanker ranker;

  @BeforeAll
  static void start() throws IOException {
    folder = Files.createTempDirectory("pillion");
    sidecar = new SidecarProcess(VerificationSets.MODELS, folder.resolve("run/s.sock"));
    ranker = SidecarRanker.of(sidecar.address("sidecar-uds")).open();
  }

  @AfterAll
  static void stop() throws IOException {
    ranker.close();
    sidecar.close();
    Files.deleteIfExists(folder.resolve("run/s.sock"));
    Files.deleteIfExists(folder.resolve("run"));
    Files.delete(folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ranker", "titles30"})
  void score_verificationSet_hasSparksBits(String model) throws IOException {
    ScoreResult scored =
        ranker.score(ScoreRequest.of(model, columns(model)), Deadline.none()).result();

    VerificationSets.assertSparksBits(model, scored);
  }

  @Test
  void rank_fullRows_hasSparksBits() throws IOException {
    Map<String, List<?>> columns = columns("ranker");
    List<JsonNode> expected = VerificationSets.expected("ranker");
    RankAnswer answer =
        ranker.rank(
            RankRequest.of("ranker")
                .candidates(columns)
                .names(LongStream.range(0, expected.size()).boxed().toList())
                .k(expected.size())
                .build(),
            Deadline.none());

    assertTrue(answer.items().size() > 1_000, "only " + answer.items().size() + " were ranked");
    for (int i = 0; i < answer.items().size(); i++) {
      JsonNode row = expected.get(((Long) answer.items().get(i)).intValue());
      Object score = VerificationSets.value(row.get("probability(1)"), FieldType.DOUBLE);
      assertEquals(score, answer.scores().get(i));
    }
  }

  private static Map<String, List<?>> columns(String model) throws IOException {
    return VerificationSets.inputs(model, ranker.contract(model, Deadline.none()).fields());
  }
}
