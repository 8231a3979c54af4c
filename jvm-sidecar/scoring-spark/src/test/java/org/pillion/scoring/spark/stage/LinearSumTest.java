package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.plan.Program;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

/** The sum without vectors has the bits of the stages' own, or declines. */
final class LinearSumTest {
  private static final FeatureContract CONTRACT =
      new FeatureContract(
          List.of(
              InputField.of("city", FieldType.STRING, OperationalType.CATEGORICAL),
              InputField.of("age", FieldType.DOUBLE, OperationalType.CONTINUOUS),
              InputField.of("rank", FieldType.DOUBLE, OperationalType.CONTINUOUS)),
          List.of());
  // The first two have one hash.
  private static final List<String> CITIES = List.of("Aa", "BB", "", "Rome", "Oslo", "Bern");

  @Property(tries = 500)
  void theShortcut_hasTheStagesBits_orDeclines(@ForAll long seed) {
    Random random = new Random(seed);
    Pipeline test = Pipeline.of(seed, random.nextBoolean() ? "keep" : "error");
    Program stages = test.plan.program(List.of(test.prediction));
    Program shortcut = test.plan.shortcut(List.of(test.prediction));
    assertNotNull(shortcut);
    int rows = 1 + random.nextInt(6);
    int oddities = random.nextInt(3) == 0 ? 10 : 1_000;
    String[] cities = new String[rows];
    double[] ages = new double[rows];
    double[] ranks = new double[rows];
    for (int row = 0; row < rows; row++) {
      cities[row] = new String(CITIES.get(random.nextInt(CITIES.size())));
      ages[row] = random.nextInt(3) == 0 ? 0.0 : random.nextGaussian();
      ranks[row] = random.nextInt(5);
      switch (random.nextInt(oddities)) {
        case 0 -> cities[row] = null;
        case 1 -> cities[row] = "C#";
        case 2 -> ages[row] = Double.NaN;
        case 3 -> ages[row] = Double.POSITIVE_INFINITY;
        case 4 -> ages[row] = -0.0;
        case 5 -> ranks[row] = 5 + random.nextInt(2);
        default -> {}
      }
    }

    Frame slow = test.run(stages, cities, ages, ranks);
    Frame fast = test.run(shortcut, cities, ages, ranks);

    assertFalse(slow.isDeclined());
    for (int row = 0; row < rows; row++) {
      double sum = slow.doubles(test.prediction.id()).values()[row];
      // What the stages compute without an error or NaN needs them no more.
      boolean sound = !slow.failed(row) && !Double.isNaN(sum);
      assertEquals(!sound, isDeclined(fast, row));
      if (sound) {
        assertEquals(
            Double.doubleToRawLongBits(sum),
            Double.doubleToRawLongBits(fast.doubles(test.prediction.id()).values()[row]));
      }
    }
    assertFalse(fast.anyFailed());
  }

  private static boolean isDeclined(Frame frame, int row) {
    return frame.isDeclined() || IntStream.of(frame.declinedRows()).anyMatch(r -> r == row);
  }

  @Example
  void theShortcut_needsNoVectors() {
    Pipeline test = Pipeline.of(1, "error");
    Slot features = test.plan.column("features");
    assertTrue(test.plan.program(List.of(test.prediction)).needs(features));
    assertFalse(test.plan.shortcut(List.of(test.prediction)).needs(features));
  }

  @Example
  void aCoefficientThatIsInfinite_hasNoShortcut() {
    String values = "<values>Infinity 0 0 0 0 0 0 0 0 0 0</values>";
    Pipeline test = new Pipeline(new Random(1), "error", CITIES.size(), values);
    assertNull(test.plan.shortcut(List.of(test.prediction)));
  }

  @Example
  void aVectorThatMayBeDense_hasNoShortcut() {
    String values = "<values>0 0 0 0 0 0</values>";
    Pipeline test = new Pipeline(new Random(1), "error", 1, values);
    assertNull(test.plan.shortcut(List.of(test.prediction)));
  }

  /** A category and numbers, assembled, and a linear regression of them. */
  private static final class Pipeline {
    final PlanBuilder plan;
    final Slot[] inputs;
    final Slot prediction;

    Pipeline(Random random, String invalid, int size, String coefficients) {
      String text =
          """
          <plan xmlns="urn:pillion:spark-plan" blas="VectorBLAS" lanes="2" sparse-overhead="16">\
          <stringIndexer invalid="%1$s"><column in="city" out="index">%2$s</column></stringIndexer>\
          <oneHotEncoder invalid="%1$s"><column in="index" out="hot" categories="%3$d" size="%4$d"/>\
          <column in="rank" out="place" categories="5" size="4"/></oneHotEncoder>\
          <vectorAssembler invalid="%1$s" out="features"><column in="hot"/><column in="age"/>\
          <column in="place"/></vectorAssembler>\
          <linearRegression features="features" prediction="sum" intercept="%5$s">\
          <coefficients size="%6$d">%7$s</coefficients></linearRegression></plan>\
          """
              .formatted(
                  invalid,
                  CITIES.stream().map("<v>%s</v>"::formatted).collect(Collectors.joining()),
                  CITIES.size(),
                  size,
                  random.nextGaussian(),
                  size + 5,
                  coefficients);
      Element root = PlanReader.read("1", text, DocumentLimits.DEFAULT);
      plan = new PlanBuilder(Session.of(root));
      inputs =
          new Slot[] {
            plan.input("city", SparkType.STRING, 0),
            plan.input("age", SparkType.DOUBLE, 1),
            plan.input("rank", SparkType.DOUBLE, 2)
          };
      for (Element stage : root.children()) {
        Stages.COMPILERS.get(stage.name()).compile(stage, plan);
      }
      prediction = plan.column("sum");
    }

    static Pipeline of(long seed, String invalid) {
      Random random = new Random(seed);
      int size = CITIES.size() - random.nextInt(2);
      int[] positions =
          random.nextBoolean()
              ? null
              : IntStream.range(0, size + 5).filter(i -> random.nextBoolean()).toArray();
      int count = positions == null ? size + 5 : positions.length;
      String values =
          IntStream.range(0, count)
              .mapToObj(i -> random.nextInt(9) == 0 ? "-0.0" : "" + 1e3 * random.nextGaussian())
              .collect(Collectors.joining(" "));
      String indices =
          positions == null
              ? ""
              : IntStream.of(positions).mapToObj(String::valueOf).collect(Collectors.joining(" "));
      String given = positions == null ? "" : "<indices>" + indices + "</indices>";
      return new Pipeline(random, invalid, size, given + "<values>" + values + "</values>");
    }

    Frame run(Program program, String[] cities, double[] ages, double[] ranks) {
      boolean[] missing = new boolean[cities.length];
      boolean[] none = new boolean[cities.length];
      boolean any = false;
      for (int row = 0; row < cities.length; row++) {
        missing[row] = cities[row] == null;
        any |= missing[row];
      }
      ColumnBatch batch =
          ColumnBatch.builder(CONTRACT, cities.length)
              .add("city", new Column.Strings(cities, missing))
              .add("age", new Column.Doubles(ages, missing))
              .add("rank", new Column.Doubles(ranks, none))
              .build();
      Frame frame = program.frame(CandidateBatch.of(batch));
      frame.set(inputs[0].id(), StringColumn.of(cities, missing));
      frame.set(inputs[1].id(), new DoubleColumn(ages, any ? missing : null));
      frame.set(inputs[2].id(), new DoubleColumn(ranks, null));
      program.run(frame);
      return frame;
    }
  }
}
