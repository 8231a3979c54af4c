package org.pillion.ranker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RankAnswerTest {
  private static RankAnswer answer(int candidates, int unscored) {
    int scored = candidates - unscored;
    List<Object> items = List.<Object>of(1L, 2L, 3L).subList(0, scored);
    List<Double> scores = List.of(0.3, 0.2, 0.1).subList(0, scored);
    return new RankAnswer(
        "m", 1, "compiled", items, scores, candidates, unscored, 0, null, List.of());
  }

  @Test
  void reason_withoutItems_saysWhy() {
    assertEquals(Optional.of("no_candidates"), answer(0, 0).reason());
    assertEquals(Optional.of("no_scores"), answer(3, 3).reason());
    assertEquals(Optional.empty(), answer(3, 1).reason());
  }
}
