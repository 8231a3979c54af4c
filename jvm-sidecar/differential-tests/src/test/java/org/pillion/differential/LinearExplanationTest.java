package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Contribution;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InputField;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/** Scores of linear models, split over the inputs. */
final class LinearExplanationTest {
  /** Of the sum of magnitudes: a few thousand roundings. */
  private static final double ROUNDING = 1e-12;

  @Property(tries = 400, shrinking = ShrinkingMode.OFF)
  void parts_add_up_to_the_bits_of_the_score(@ForAll long seed) {
    GeneratedLinearPlan plan = new GeneratedLinearPlan(seed);
    Scorer scorer = Comparison.compile(plan.bytes());
    ColumnBatch batch = plan.rows(scorer.contract());
    ScoreResult scores = scorer.score(batch);
    assertEquals(List.of(), scores.errors());
    for (String output : plan.outputs().keySet()) {
      List<Explanation> explanations = scorer.explain(batch, output);
      for (int row = 0; row < batch.rows(); row++) {
        Explanation explanation = explanations.get(row);
        assertEquals(Explanation.Method.LINEAR, explanation.method());
        double sum = explanation.base();
        double magnitude = Math.abs(explanation.base()) + Math.abs(explanation.total());
        for (Contribution part : explanation.contributions()) {
          sum += part.value();
          magnitude += Math.abs(part.value());
        }
        assertEquals(explanation.total(), sum, ROUNDING * (1.0 + magnitude), "seed " + seed);
        assertScore(plan.kind(), output, explanation.total(), value(scores, output, row));
      }
    }
  }

  private static void assertScore(
      GeneratedLinearPlan.Kind kind, String output, double total, double score) {
    double expected =
        switch (kind) {
          case BINOMIAL -> {
            double negative = 1.0 / (1.0 + Math.exp(output.equals("p0") ? -total : total));
            yield output.equals("y")
                ? (total > 0 ? 1 : 0)
                : output.equals("p0") ? negative : 1.0 - negative;
          }
          case SUPPORT_VECTORS -> total > 0 ? 1 : 0;
          case REGRESSION, GENERALIZED -> total;
          case MULTINOMIAL -> score;
        };
    assertEquals(
        Double.doubleToRawLongBits(expected + 0.0), Double.doubleToRawLongBits(score + 0.0));
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void classes_of_a_multinomial_model_differ_by_the_log_of_their_odds(@ForAll long seed) {
    GeneratedLinearPlan plan = new GeneratedLinearPlan(seed);
    if (plan.kind() != GeneratedLinearPlan.Kind.MULTINOMIAL) {
      return;
    }
    Scorer scorer = Comparison.compile(plan.bytes());
    ColumnBatch batch = plan.rows(scorer.contract());
    ScoreResult scores = scorer.score(batch);
    for (int row = 0; row < batch.rows(); row++) {
      double odds = value(scores, "p0", row) / value(scores, "p2", row);
      double margins =
          scorer.explain(batch, "p0").get(row).total()
              - scorer.explain(batch, "p2").get(row).total();
      if (odds > 1e-9 && odds < 1e9) {
        assertEquals(Math.log(odds), margins, 1e-6);
      }
    }
  }

  @Property(tries = 400, shrinking = ShrinkingMode.OFF)
  void an_input_changes_no_part_but_those_that_name_it(@ForAll long seed) {
    GeneratedLinearPlan plan = new GeneratedLinearPlan(seed);
    Scorer scorer = Comparison.compile(plan.bytes());
    ColumnBatch batch = plan.rows(scorer.contract());
    Set<Set<String>> origins = plan.origins();
    for (String output : plan.outputs().keySet()) {
      List<Explanation> explanations = scorer.explain(batch, output);
      Map<Set<String>, Double> first = parts(explanations.get(0));
      assertTrue(origins.containsAll(first.keySet()), () -> first + " of " + origins);
      for (int row = 1; row < batch.rows(); row++) {
        InputField changed = scorer.contract().inputs().get(row - 1);
        Map<Set<String>, Double> parts = parts(explanations.get(row));
        assertEquals(explanations.get(0).base(), explanations.get(row).base());
        for (Set<String> fields : origins) {
          if (!fields.contains(changed.name())) {
            assertEquals(first.get(fields), parts.get(fields), "seed " + seed);
          }
        }
      }
    }
  }

  private static Map<Set<String>, Double> parts(Explanation explanation) {
    Map<Set<String>, Double> parts = new HashMap<>();
    for (Contribution part : explanation.contributions()) {
      assertEquals(null, parts.put(Set.copyOf(part.fields()), part.value()));
    }
    return parts;
  }

  private static double value(ScoreResult scores, String output, int row) {
    for (int i = 0; i < scores.fields().size(); i++) {
      if (scores.fields().get(i).name().equals(output)) {
        return (double) scores.columns().get(i).value(row);
      }
    }
    throw new AssertionError(output);
  }

  @Test
  void a_binomial_means_complement_is_not_explained_and_the_mean_is() {
    byte[] document =
        PlanText.document(
            Map.of("x", "double"),
            "<vectorAssembler invalid='keep' out='f'><column in='x'/></vectorAssembler>"
                + "<generalizedLinearRegression features='f' prediction='m' family='binomial'"
                + " link='cloglog' intercept='0.5'><coefficients size='1'><values>2.0</values>"
                + "</coefficients></generalizedLinearRegression>",
            Map.of("p1", "column='m'", "p0", "column='m' complement='true'"));
    Scorer scorer = Comparison.compile(document);
    Column x = new Column.Doubles(new double[] {3.0}, new boolean[1]);
    ColumnBatch row = ColumnBatch.of(scorer.contract(), 1, Map.of("x", x));

    assertEquals(6.5, scorer.explain(row, "p1").get(0).total());
    assertEquals(
        "the output 'p0' is not explained: it is no column's own value in the plan",
        assertThrows(NotExplained.class, () -> scorer.explain(row, "p0")).getMessage());
  }

  @Test
  void a_small_model_equals_a_reference_formula() {
    byte[] document =
        PlanText.document(
            Map.of("user_x", "double", "item_x", "double", "device", "string"),
            "<sqlTransformer ansi='true'><column name='match'><multiply><ref name='user_x'/>"
                + "<ref name='item_x'/></multiply></column></sqlTransformer>"
                + "<stringIndexer invalid='keep'><column in='device' out='di'><v>tv</v></column>"
                + "</stringIndexer><oneHotEncoder invalid='keep'>"
                + "<column in='di' out='do' categories='2' size='2'/></oneHotEncoder>"
                + "<vectorAssembler invalid='keep' out='f'><column in='do'/><column in='match'/>"
                + "<column in='item_x'/></vectorAssembler>"
                + "<logisticRegression raw='r' probability='p' features='f' threshold='0.5'"
                + " intercept='0.5'><coefficients size='4'><values>0.25 -0.125 2.0 1.0</values>"
                + "</coefficients></logisticRegression>",
            Map.of("p0", "column='p' element='0'", "p1", "column='p' element='1'"));
    Scorer scorer = Comparison.compile(document);
    boolean[] present = new boolean[1];
    ColumnBatch row =
        ColumnBatch.of(
            scorer.contract(),
            1,
            Map.of(
                "user_x", new Column.Doubles(new double[] {3.0}, present),
                "item_x", new Column.Doubles(new double[] {0.5}, present),
                "device", new Column.Strings(new String[] {"tv"}, present)));

    Explanation explanation = scorer.explain(row, "p1").get(0);

    Contribution joint = explanation.contributions().get(0);
    assertEquals(Set.of("user_x", "item_x"), Set.copyOf(joint.fields()));
    assertEquals(List.of("match"), joint.columns());
    assertEquals(3.0, joint.value());
    assertEquals(
        List.of(
            new Contribution(List.of("item_x"), List.of("item_x"), 0.5),
            new Contribution(List.of("device"), List.of("do"), 0.25)),
        explanation.contributions().subList(1, 3));
    assertEquals(0.5, explanation.base());
    assertEquals(4.25, explanation.total());
    assertEquals(Explanation.Scale.MARGIN, explanation.scale());
    assertEquals(-4.25, scorer.explain(row, "p0").get(0).total());
    assertEquals(-3.0, scorer.explain(row, "p0").get(0).contributions().get(0).value());
    assertNotEquals(explanation, scorer.explain(row, "p0").get(0));
  }
}
