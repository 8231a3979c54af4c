package org.pillion.scoring.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.UnsupportedElement;

/** Plans of real pipelines, broken at random: each is refused in a sentence, or scores. */
final class MutatedPlanTest {
  private static final List<String> HOSTILE =
      List.of(
          "1e400",
          "-1",
          "0",
          "1",
          "NaN",
          "-Infinity",
          "2147483647",
          "2147483648",
          "16777216",
          "9999999999999999999",
          "",
          "x",
          "0x1p3",
          "1 2",
          "true",
          "vector",
          "string",
          "4");
  private static final Pattern VALUE = Pattern.compile("(?<=[\" >])[^\" <>=]+(?=[\" <])");
  private static final Pattern ELEMENT = Pattern.compile("<([A-Za-z]+)[^<>]*(/>|>[^<>]*</\\1>)");
  private static final int ROWS = 12;

  @Property(tries = 1500)
  void brokenPlan_isRefusedOrScores(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> documents = List.copyOf(Goldens.DOCUMENTS.values());
    String document = documents.get(random.nextInt(documents.size()));
    String plan = Goldens.plan(document);
    for (int i = random.nextInt(2); i >= 0; i--) {
      plan = broken(plan, random);
    }
    String changed = Goldens.with(document, plan + (plan.endsWith("</plan>") ? "" : "</plan>"));
    assertTimeoutPreemptively(Duration.ofSeconds(60), () -> refusedOrScored(changed, seed));
  }

  private static void refusedOrScored(String document, long seed) {
    Scorer scorer;
    try {
      scorer = Goldens.compile(document);
    } catch (InvalidModel | UnsupportedElement refusal) {
      assertEquals(-1, refusal.getMessage().indexOf("java."), refusal::getMessage);
      return;
    }
    ScoreResult result = scorer.score(Goldens.rows(scorer.contract(), ROWS, seed));
    assertEquals(ROWS, result.rows());
  }

  private static String broken(String plan, Random random) {
    int kind = random.nextInt(8);
    if (kind < 4) {
      List<MatchResult> values = VALUE.matcher(plan).results().toList();
      MatchResult value = values.get(random.nextInt(values.size()));
      String other =
          random.nextInt(3) == 0
              ? values.get(random.nextInt(values.size())).group()
              : HOSTILE.get(random.nextInt(HOSTILE.size()));
      return plan.substring(0, value.start()) + other + plan.substring(value.end());
    }
    if (kind < 7) {
      List<MatchResult> elements = new ArrayList<>(ELEMENT.matcher(plan).results().toList());
      MatchResult element = elements.get(random.nextInt(elements.size()));
      MatchResult place = elements.get(random.nextInt(elements.size()));
      return switch (kind) {
        case 4 -> plan.substring(0, element.start()) + plan.substring(element.end());
        case 5 ->
            plan.substring(0, place.start()) + element.group() + plan.substring(place.start());
        default -> plan.substring(0, place.start()) + element.group() + plan.substring(place.end());
      };
    }
    int start = random.nextInt(plan.length());
    int end = Math.min(plan.length(), start + 1 + random.nextInt(40));
    return plan.substring(0, start) + plan.substring(end);
  }

  /** What says the same has the same bits: attributes in another order, other blanks. */
  @Property(tries = 60)
  void planInOtherWords_hasTheSameBits(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> documents = List.copyOf(Goldens.DOCUMENTS.values());
    String document = documents.get(random.nextInt(documents.size()));
    String plan =
        Goldens.plan(document)
            .replaceAll("<([A-Za-z]+) ([a-z]+=\"[^\"]*\") ([a-z]+=\"[^\"]*\")", "<$1  $3\n $2")
            .replaceAll("(?<=[0-9]) (?=-?[0-9])", " \n ")
            .replaceAll("><(?!/)", ">\n<");
    Scorer before = Goldens.compile(document);
    Scorer after = Goldens.compile(Goldens.with(document, plan));
    ScoreResult expected = before.score(Goldens.rows(before.contract(), 50, seed));
    ScoreResult actual = after.score(Goldens.rows(after.contract(), 50, seed));
    assertEquals(expected.errors(), actual.errors());
    for (int i = 0; i < expected.columns().size(); i++) {
      for (int row = 0; row < 50; row++) {
        assertEquals(expected.columns().get(i).value(row), actual.columns().get(i).value(row));
      }
    }
  }
}
