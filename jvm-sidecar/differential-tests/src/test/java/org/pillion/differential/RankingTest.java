package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.TieOrder;

/** A context that is given once has the bits, and the errors, of one that is given in every row. */
class RankingTest {
  @Provide
  Arbitrary<Path> documents() {
    return Arbitraries.of(RealDocument.folders());
  }

  /** How many in a hundred inputs are of the context; none and all of them come often. */
  @Provide
  Arbitrary<Integer> shares() {
    return Arbitraries.frequencyOf(
        Tuple.of(1, Arbitraries.of(0, 100)), Tuple.of(4, Arbitraries.integers().between(10, 90)));
  }

  @Property(tries = 1200, shrinking = ShrinkingMode.OFF)
  void score_ofContextAndCandidates_hasTheBitsOfTheFullRows(
      @ForAll("documents") Path folder,
      @ForAll("shares") int share,
      @ForAll @IntRange(max = 40) int candidates,
      @ForAll long seed)
      throws IOException {
    ServedDocument served = ServedDocument.of(folder);
    served.assertScoresOfFullRows(batch(served, share, candidates, new Random(seed)));
  }

  @Property(tries = 400, shrinking = ShrinkingMode.OFF)
  void rank_isTheHeadOfASortOfTheFullRows(
      @ForAll("documents") Path folder,
      @ForAll("shares") int share,
      @ForAll @IntRange(max = 40) int candidates,
      @ForAll @IntRange(max = 50) int k,
      @ForAll long seed)
      throws IOException {
    ServedDocument served = ServedDocument.of(folder);
    Scorer scorer = served.scorer();
    Random random = new Random(seed);
    CandidateBatch batch = batch(served, share, candidates, random);
    String output = served.anyNumber(random);
    if (output == null) {
      return;
    }

    RankResult best = scorer.rank(batch, new RankRule(output, k, TieOrder.POSITION));

    List<Double> scores = scores(scorer.score(batch.expand()), output);
    List<Integer> sorted = new ArrayList<>();
    for (int row = 0; row < candidates; row++) {
      if (!scores.get(row).isNaN()) {
        sorted.add(row);
      }
    }
    sorted.sort(Comparator.comparing((Integer row) -> -scores.get(row) + 0.0));
    List<Integer> expected = sorted.subList(0, Math.min(k, sorted.size()));
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < best.rows().length; i++) {
      rows.add(best.rows()[i]);
      assertEquals(scores.get(best.rows()[i]), best.scores()[i]);
    }
    assertEquals(expected, rows);
    assertEquals(candidates - sorted.size(), best.unscored());
  }

  /** What the properties say would be empty if no document had a plan to divide. */
  @Test
  void documents_mostlyCarryPlans() throws IOException {
    List<String> planned = new ArrayList<>();
    for (Path folder : RealDocument.folders()) {
      Scorer scorer = ServedDocument.of(folder).scorer();
      if (scorer.engine().equals("compiled") && scorer.arithmetic() == Arithmetic.SPARK) {
        planned.add(folder.toString());
      }
    }
    assertEquals(true, planned.size() >= 80, planned::toString);
  }

  private static CandidateBatch batch(
      ServedDocument served, int share, int candidates, Random random) {
    RealDocument document = served.document();
    FeatureContract contract = served.scorer().contract();
    int start = random.nextInt(document.rows().size());
    CandidateBatch.Builder batch = CandidateBatch.builder(contract, candidates);
    for (InputField field : contract.inputs()) {
      if (random.nextInt(100) < share) {
        batch.context(field.name(), document.column(field, start, 1, random));
      } else {
        batch.candidates(field.name(), document.column(field, start, candidates, random));
      }
    }
    return batch.build();
  }

  private static List<Double> scores(ScoreResult result, String output) {
    List<String> names = result.fields().stream().map(OutputField::name).toList();
    Column column = result.columns().get(names.indexOf(output));
    List<Double> scores = new ArrayList<>();
    for (int row = 0; row < column.rows(); row++) {
      scores.add(column.value(row) instanceof Double score ? score : Double.NaN);
    }
    return scores;
  }
}
