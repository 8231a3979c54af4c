package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Contribution;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.Scorer;

/** Scores of trees, split along the rows' paths, against a walk over objects. */
final class TreeExplanationTest {
  private static final double ROUNDING = 1e-12;
  private static final String[] LABELS = {"a", "b", "c"};
  private static final int ROWS = 8;
  private static final Map<String, String> INPUTS = inputs();

  private static Map<String, String> inputs() {
    Map<String, String> inputs = new LinkedHashMap<>();
    for (int i = 0; i < GeneratedForest.FEATURES - 1; i++) {
      inputs.put("x" + i, "double");
    }
    inputs.put("c", "string");
    return inputs;
  }

  private static byte[] document(String model, Map<String, String> outputs) {
    StringBuilder stages =
        new StringBuilder("<stringIndexer invalid='keep'><column in='c' out='ci'>")
            .append("<v>a</v><v>b</v><v>c</v></column></stringIndexer>")
            .append("<vectorAssembler invalid='keep' out='f'>");
    INPUTS.keySet().stream()
        .map(name -> name.equals("c") ? "ci" : name)
        .forEach(name -> stages.append("<column in='" + name + "'/>"));
    return PlanText.document(INPUTS, stages + "</vectorAssembler>" + model, outputs);
  }

  private static String regression(String kind, GeneratedForest forest, boolean inner) {
    return "<%s features='f' prediction='y' size='%d'>%s%s</%s>"
        .formatted(kind, GeneratedForest.FEATURES, weights(kind, forest), forest.text(inner), kind);
  }

  private static String classification(String kind, int classes, GeneratedForest forest) {
    return ("<%s features='f' raw='r' probability='p' prediction='y' classes='%d' size='%d'>"
            + "%s%s</%s>")
        .formatted(
            kind,
            classes,
            GeneratedForest.FEATURES,
            weights(kind, forest),
            forest.text(true),
            kind);
  }

  private static String weights(String kind, GeneratedForest forest) {
    if (!kind.startsWith("gradient")) {
      return "";
    }
    double[] weights = new double[forest.size()];
    Arrays.setAll(weights, TreeExplanationTest::weight);
    return PlanText.numbers("weights", weights);
  }

  private static double weight(int tree) {
    return tree == 0 ? 1.0 : 0.1;
  }

  private static double[][] features(Random random) {
    double[][] rows = new double[ROWS][];
    for (int row = 0; row < ROWS; row++) {
      rows[row] = random.doubles(GeneratedForest.FEATURES, -2, 2).toArray();
      rows[row][GeneratedForest.FEATURES - 1] = random.nextInt(3);
    }
    return rows;
  }

  private static ColumnBatch batch(Scorer scorer, double[][] rows) {
    ColumnBatch.Builder batch = ColumnBatch.builder(scorer.contract(), ROWS);
    for (int i = 0; i < GeneratedForest.FEATURES; i++) {
      int at = i;
      double[] values = Arrays.stream(rows).mapToDouble(row -> row[at]).toArray();
      boolean[] missing = new boolean[ROWS];
      batch.add(
          scorer.contract().inputs().get(i).name(),
          i < GeneratedForest.FEATURES - 1
              ? new Column.Doubles(values, missing)
              : new Column.Strings(
                  Arrays.stream(values).mapToObj(v -> LABELS[(int) v]).toArray(String[]::new),
                  missing));
    }
    return batch.build();
  }

  /** Holds an output's explanations against the forest's, each tree with a weight. */
  private static void check(
      byte[] document, String output, int index, GeneratedForest forest, double[] w, long seed) {
    Scorer scorer = Comparison.compile(document);
    double[][] rows = features(new Random(seed));
    ColumnBatch batch = batch(scorer, rows);
    List<Explanation> explanations = scorer.explain(batch, output);
    assertEquals(ROWS, explanations.size());
    for (int row = 0; row < ROWS; row++) {
      Explanation explanation = explanations.get(row);
      double total = 0;
      double base = 0;
      double sum = explanation.base();
      double[] changes = new double[GeneratedForest.FEATURES];
      for (int tree = 0; tree < w.length; tree++) {
        total += w[tree] * forest.leaf(tree, index, rows[row]);
        base += w[tree] * forest.base(tree, index);
        for (int feature = 0; feature < changes.length; feature++) {
          changes[feature] += w[tree] * forest.changes(tree, index, rows[row], feature);
        }
      }
      for (Contribution part : explanation.contributions()) {
        assertEquals(1, part.fields().size());
        int feature = List.copyOf(INPUTS.keySet()).indexOf(part.fields().get(0));
        assertEquals(changes[feature], part.value(), ROUNDING, "seed " + seed);
        changes[feature] = 0;
        sum += part.value();
      }
      for (double left : changes) {
        assertEquals(0.0, left, ROUNDING, "seed " + seed);
      }
      assertEquals(base, explanation.base(), ROUNDING);
      assertEquals(total, explanation.total(), ROUNDING);
      assertEquals(explanation.total(), sum, ROUNDING, "seed " + seed);
      assertEquals(Explanation.Method.TREE_PATH, explanation.method());
    }
  }

  private static double[] even(int trees) {
    double[] weights = new double[trees];
    Arrays.fill(weights, 1.0 / trees);
    return weights;
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void shares_of_a_classs_votes_change_along_the_path(@ForAll long seed) {
    Random random = new Random(seed);
    int classes = 2 + random.nextInt(2);
    int trees = random.nextBoolean() ? 1 : 1 + random.nextInt(6);
    GeneratedForest forest = new GeneratedForest(random, trees, classes);
    int index = random.nextInt(classes);
    byte[] document =
        document(
            classification(trees == 1 ? "decisionTree" : "randomForest", classes, forest),
            Map.of("share", "column='p' element='" + index + "'"));
    check(document, "share", index, forest, even(trees), seed);
    Scorer scorer = Comparison.compile(document);
    ColumnBatch batch = batch(scorer, features(new Random(seed)));
    for (int row = 0; row < ROWS; row++) {
      Explanation explanation = scorer.explain(batch, "share").get(row);
      assertEquals(Explanation.Scale.PROBABILITY, explanation.scale());
      assertEquals(scorer.score(batch).columns().get(0).value(row), explanation.total());
    }
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void numbers_change_along_the_path(@ForAll long seed) {
    Random random = new Random(seed);
    int trees = random.nextBoolean() ? 1 : 1 + random.nextInt(6);
    GeneratedForest forest = new GeneratedForest(random, trees, 0);
    byte[] document =
        document(
            regression(trees == 1 ? "decisionTree" : "randomForest", forest, true),
            Map.of("y", "column='y'"));
    check(document, "y", 0, forest, even(trees), seed);
    Scorer scorer = Comparison.compile(document);
    ColumnBatch batch = batch(scorer, features(new Random(seed)));
    for (int row = 0; row < ROWS; row++) {
      assertEquals(
          scorer.score(batch).columns().get(0).value(row),
          scorer.explain(batch, "y").get(row).total());
    }
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void boosted_margins_change_along_the_path_by_the_trees_weights(@ForAll long seed) {
    Random random = new Random(seed);
    GeneratedForest forest = new GeneratedForest(random, 1 + random.nextInt(6), 0);
    double[] weights = new double[forest.size()];
    Arrays.setAll(weights, TreeExplanationTest::weight);
    byte[] numbers =
        document(regression("gradientBoostedTrees", forest, true), Map.of("y", "column='y'"));
    check(numbers, "y", 0, forest, weights, seed);
    byte[] classes =
        document(
            classification("gradientBoostedTrees", 2, forest),
            Map.of("p0", "column='p' element='0'", "p1", "column='p' element='1'"));
    check(classes, "p1", 0, forest, weights, seed);
    check(classes, "p0", 0, forest, Arrays.stream(weights).map(w -> -w).toArray(), seed);
  }

  @Test
  void without_values_of_inner_nodes_numbers_are_scored_and_not_explained() {
    GeneratedForest forest = new GeneratedForest(new Random(8), 6, 0);
    for (String kind : List.of("randomForest", "gradientBoostedTrees")) {
      Scorer scorer =
          Comparison.compile(document(regression(kind, forest, false), Map.of("y", "column='y'")));
      ColumnBatch batch = batch(scorer, features(new Random(1)));

      assertEquals(List.of(), scorer.score(batch).errors());
      NotExplained refused = assertThrows(NotExplained.class, () -> scorer.explain(batch, "y"));
      assertTrue(refused.getMessage().contains("inner nodes"), refused.getMessage());
      assertTrue(refused.getMessage().contains("export it again"), refused.getMessage());
    }
  }

  @Test
  void a_model_that_is_not_split_is_named() {
    Scorer isotonic =
        Comparison.compile(
            document(
                "<isotonicRegression features='f' prediction='y' element='0'>"
                    + "<boundaries>0.0 1.0</boundaries><predictions>0.0 1.0</predictions>"
                    + "</isotonicRegression>",
                Map.of("y", "column='y'", "x", "column='x0'")));
    ColumnBatch batch = batch(isotonic, features(new Random(1)));

    assertEquals(
        "the output 'y' is not explained: the column 'y' is made by the stage isotonicRegression",
        assertThrows(NotExplained.class, () -> isotonic.explain(batch, "y")).getMessage());
    assertEquals(
        "the output 'x' is not explained: the column 'x0' is an input",
        assertThrows(NotExplained.class, () -> isotonic.explain(batch, "x")).getMessage());
    assertThrows(NotExplained.class, () -> isotonic.explain(batch, "nothing"));
  }

  @Test
  void a_document_without_a_plan_is_not_explained() throws java.io.IOException {
    byte[] bare = RealDocument.bare(RealDocument.GOLDEN.resolve("tree_regressor"));
    for (Scorer scorer : List.of(Comparison.compile(bare), Comparison.interpret(bare))) {
      NotExplained refused =
          assertThrows(
              NotExplained.class,
              () -> scorer.explain(new RandomRows(1, 1).batch(scorer.contract()), "y"));
      assertTrue(refused.getMessage().contains("arithmetic 'jpmml'"), refused.getMessage());
    }
  }
}
