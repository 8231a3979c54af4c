package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RankResultTest {
  /** Few different values, so that many scores are equal. */
  @Provide
  Arbitrary<List<Double>> scores() {
    return Arbitraries.of(Double.NaN, -0.0, 0.0, 0.5, 1.0, Double.NEGATIVE_INFINITY, 1e300)
        .list()
        .ofMaxSize(60);
  }

  @Property
  void of_isTheHeadOfAStableSort(
      @ForAll("scores") List<Double> scores, @ForAll @IntRange(max = 70) int k) {
    RankResult result = RankResult.of(array(scores), k, TieOrder.POSITION, List.of());

    List<Integer> sorted = scored(scores);
    // List.sort is stable, and minus infinity to infinity order as numbers do; zeros are equal.
    sorted.sort((a, b) -> Double.compare(scores.get(b) + 0.0, scores.get(a) + 0.0));
    assertEquals(sorted.subList(0, Math.min(k, sorted.size())), list(result.rows()));
    assertEquals(scores.size() - sorted.size(), result.unscored());
    for (int i = 0; i < result.rows().length; i++) {
      assertEquals(
          Double.doubleToRawLongBits(scores.get(result.rows()[i])),
          Double.doubleToRawLongBits(result.scores()[i]));
    }
  }

  @Property
  void of_equalScores_areInTheOrderOfTies(
      @ForAll("scores") List<Double> scores, @ForAll @IntRange(max = 70) int k) {
    RankResult result = RankResult.of(array(scores), k, (a, b) -> b - a, List.of());

    List<Integer> sorted = scored(scores);
    sorted.sort(
        (a, b) -> {
          int order = Double.compare(scores.get(b) + 0.0, scores.get(a) + 0.0);
          return order != 0 ? order : b - a;
        });
    assertEquals(sorted.subList(0, Math.min(k, sorted.size())), list(result.rows()));
  }

  @Test
  void of_outputThatIsNotOfDoubles_ranksItsNumbers() {
    Column whole = new Column.Longs(new long[] {3, 9, 9}, new boolean[] {false, false, true});
    RankResult result =
        RankResult.of(result("n", FieldType.INTEGER, whole), new RankRule("n", 2, (a, b) -> 0));

    assertArrayEquals(new int[] {1, 0}, result.rows());
    assertArrayEquals(new double[] {9, 3}, result.scores());
    assertEquals(1, result.unscored());
  }

  @Test
  void of_unknownOutput_isRefused() {
    Column none = new Column.Doubles(new double[1], new boolean[1]);
    RankRule rule = new RankRule("q", 1, TieOrder.POSITION);

    assertThrows(
        InvalidInput.class, () -> RankResult.of(result("p", FieldType.DOUBLE, none), rule));
    assertThrows(InvalidInput.class, () -> new RankRule("q", -1, TieOrder.POSITION));
  }

  private static ScoreResult result(String name, FieldType type, Column column) {
    return new ScoreResult(
        column.rows(),
        List.of(new OutputField(name, type, OutputKind.OTHER, null)),
        List.of(column),
        List.of());
  }

  private static double[] array(List<Double> scores) {
    return scores.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static List<Integer> scored(List<Double> scores) {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < scores.size(); row++) {
      if (!scores.get(row).isNaN()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static List<Integer> list(int[] rows) {
    List<Integer> list = new ArrayList<>();
    for (int row : rows) {
      list.add(row);
    }
    return list;
  }
}
