package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

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
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.plan.Program;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

/** Interactions in a linear sum have the bits of the stages' vectors, or the row is declined. */
final class CrossedTermTest {
  private static final List<String> INPUTS = List.of("a", "b", "x", "y", "z");

  /** What interacts, in which order. */
  private static final List<List<String>> INTERACTIONS =
      List.of(
          List.of("hotA", "numbers"),
          List.of("numbers", "hotA"),
          List.of("hotA", "numbers", "hotB"),
          List.of("hotA", "hotB"),
          List.of("hotB", "z"));

  @Property(tries = 600)
  void theShortcut_hasTheStagesBits_orDeclinesTheRow(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> interaction = INTERACTIONS.get(random.nextInt(INTERACTIONS.size()));
    PlanBuilder plan = plan(random, interaction, random.nextBoolean() ? "keep" : "error", "1");
    Slot sum = plan.column("sum");
    Program shortcut = plan.shortcut(List.of(sum));
    assertNotNull(shortcut);
    assertFalse(shortcut.needs(plan.column("crossed")));
    int rows = 1 + random.nextInt(6);
    int oddities = random.nextInt(3) == 0 ? 8 : 1_000;
    double[][] values = new double[INPUTS.size()][rows];
    boolean[][] missing = new boolean[INPUTS.size()][rows];
    for (int i = 0; i < values.length; i++) {
      for (int row = 0; row < rows; row++) {
        values[i][row] = i < 2 ? random.nextInt(4) : number(random, oddities);
        missing[i][row] = random.nextInt(2 * oddities) == 0;
      }
    }

    Frame slow = run(plan, plan.program(List.of(sum)), values, missing);
    Frame fast = run(plan, shortcut, values, missing);

    for (int row = 0; row < rows; row++) {
      double expected = slow.doubles(sum.id()).values()[row];
      int number = row;
      boolean declined =
          fast.isDeclined() || IntStream.of(fast.declinedRows()).anyMatch(r -> r == number);
      if (slow.failed(row) || Double.isNaN(expected)) {
        assertEquals(true, declined);
      } else if (!declined) {
        assertEquals(
            Double.doubleToRawLongBits(expected),
            Double.doubleToRawLongBits(fast.doubles(sum.id()).values()[row]));
      } else {
        // A number that is infinite may meet a coefficient that the stages do not look at.
        assertEquals(
            true, IntStream.range(2, 5).anyMatch(i -> odd(values[i][number], missing[i][number])));
      }
    }
  }

  @Example
  void nominalElements_haveNoShortcut() {
    assertNull(plan(new Random(1), List.of("hotB", "z"), "keep", "4").shortcut(List.of()));
  }

  private static boolean odd(double value, boolean missing) {
    return missing || !Double.isFinite(value);
  }

  private static double number(Random random, int oddities) {
    return switch (random.nextInt(oddities)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> -0.0;
      default -> random.nextInt(3) == 0 ? 0.0 : random.nextGaussian();
    };
  }

  private static PlanBuilder plan(
      Random random, List<String> interaction, String invalid, String width) {
    int size = 1;
    StringBuilder columns = new StringBuilder();
    for (String name : interaction) {
      int own = name.equals("numbers") ? 2 : name.equals("z") ? Integer.parseInt(width) : 3;
      String widths =
          name.equals("z")
              ? width
              : IntStream.range(0, own).mapToObj(i -> "1").collect(Collectors.joining(" "));
      columns.append("<column in=\"%s\">%s</column>".formatted(name, widths));
      size *= own;
    }
    // Columns that are nearly always zero, so that the vector is sparse.
    int all = size + 1 + 40;
    String coefficients =
        IntStream.range(0, all)
            .mapToObj(i -> "" + 1e3 * random.nextGaussian())
            .collect(Collectors.joining(" "));
    String text =
        """
        <plan xmlns="urn:pillion:spark-plan" blas="VectorBLAS" lanes="2" sparse-overhead="16">\
        <oneHotEncoder invalid="%1$s"><column in="a" out="hotA" categories="3" size="3"/>\
        <column in="b" out="hotB" categories="4" size="3"/>\
        <column in="b" out="wide" categories="40" size="40"/></oneHotEncoder>\
        <vectorAssembler invalid="%1$s" out="numbers"><column in="x"/><column in="y"/>\
        </vectorAssembler>\
        <interaction out="crossed">%2$s</interaction>\
        <vectorAssembler invalid="%1$s" out="features"><column in="x"/><column in="crossed"/>\
        <column in="wide"/></vectorAssembler>\
        <linearRegression features="features" prediction="sum" intercept="%3$s">\
        <coefficients size="%4$d"><values>%5$s</values></coefficients></linearRegression></plan>\
        """
            .formatted(invalid, columns, random.nextGaussian(), all, coefficients);
    Element root = PlanReader.read("1", text, DocumentLimits.DEFAULT);
    PlanBuilder plan = new PlanBuilder(Session.of(root));
    for (int i = 0; i < INPUTS.size(); i++) {
      plan.input(INPUTS.get(i), SparkType.DOUBLE, i);
    }
    for (Element stage : root.children()) {
      Stages.COMPILERS.get(stage.name()).compile(stage, plan);
    }
    return plan;
  }

  private static Frame run(
      PlanBuilder plan, Program program, double[][] values, boolean[][] missing) {
    FeatureContract contract =
        new FeatureContract(
            INPUTS.stream()
                .map(name -> InputField.of(name, FieldType.DOUBLE, OperationalType.CONTINUOUS))
                .toList(),
            List.of());
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, values[0].length);
    for (int i = 0; i < values.length; i++) {
      batch.add(INPUTS.get(i), new Column.Doubles(values[i], missing[i]));
    }
    Frame frame = program.frame(CandidateBatch.of(batch.build()));
    for (int i = 0; i < values.length; i++) {
      frame.set(plan.column(INPUTS.get(i)).id(), new DoubleColumn(values[i], missing[i]));
    }
    program.run(frame);
    return frame;
  }
}
