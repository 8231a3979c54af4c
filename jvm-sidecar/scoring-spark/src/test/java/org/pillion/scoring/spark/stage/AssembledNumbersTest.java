package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

/** Trees on columns have the bits of trees on assembled vectors, or decline. */
final class AssembledNumbersTest {
  private static final int FEATURES = 3;
  private static final FeatureContract CONTRACT =
      new FeatureContract(
          IntStream.range(0, FEATURES)
              .mapToObj(i -> InputField.of("x" + i, FieldType.DOUBLE, OperationalType.CONTINUOUS))
              .toList(),
          List.of());

  private static String trees(Random random, int count, int width) {
    return IntStream.range(0, count)
        .mapToObj(
            tree -> {
              String features =
                  IntStream.range(0, 3)
                      .mapToObj(i -> "" + random.nextInt(FEATURES))
                      .collect(Collectors.joining(" "));
              String cuts =
                  IntStream.range(0, 3)
                      .mapToObj(i -> "" + random.nextInt(-1, 2))
                      .collect(Collectors.joining(" "));
              String values =
                  IntStream.range(0, 4 * width)
                      .mapToObj(i -> "" + (width == 1 ? random.nextGaussian() : random.nextInt(9)))
                      .collect(Collectors.joining(" "));
              return """
              <tree><feature>%s -1 -1 -1 -1</feature><threshold>%s 0 0 0 0</threshold>\
              <left>1 3 5 0 0 0 0</left><right>2 4 6 0 0 0 0</right><value>%s</value></tree>\
              """
                  .formatted(features, cuts, values);
            })
        .collect(Collectors.joining());
  }

  private static String model(Random random) {
    int trees = 1 + random.nextInt(6);
    return random.nextBoolean()
        ? """
        <gradientBoostedTrees size="3" features="f" prediction="out"><weights>%s</weights>%s\
        </gradientBoostedTrees>\
        """
            .formatted(
                random.doubles(trees).mapToObj(String::valueOf).collect(Collectors.joining(" ")),
                trees(random, trees, 1))
        : """
        <randomForest size="3" classes="2" features="f" probability="p" prediction="out">%s\
        </randomForest>\
        """
            .formatted(trees(random, trees, 2));
  }

  private static double value(Random random, int oddities) {
    return switch (random.nextInt(oddities)) {
      case 0 -> Double.NaN;
      case 1 -> Double.NEGATIVE_INFINITY;
      case 2 -> -0.0;
      default -> random.nextInt(-2, 3) / 2.0;
    };
  }

  @Property(tries = 400)
  void theShortcut_hasTheStagesBits_orDeclines(@ForAll long seed) {
    Random random = new Random(seed);
    boolean keep = random.nextBoolean();
    String columns =
        IntStream.range(0, FEATURES)
            .mapToObj("<column in=\"x%d\"/>"::formatted)
            .collect(Collectors.joining());
    String text =
        """
        <plan xmlns="urn:pillion:spark-plan" blas="VectorBLAS" lanes="2" sparse-overhead="16">\
        <vectorAssembler invalid="%s" out="f">%s</vectorAssembler>%s</plan>\
        """
            .formatted(keep ? "keep" : "error", columns, model(random));
    Element root = PlanReader.read("1", text, DocumentLimits.DEFAULT);
    PlanBuilder plan = new PlanBuilder(Session.of(root));
    Slot[] inputs = new Slot[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
      inputs[i] = plan.input("x" + i, SparkType.DOUBLE, i);
    }
    for (Element stage : root.children()) {
      Stages.COMPILERS.get(stage.name()).compile(stage, plan);
    }
    Slot out = plan.column("out");
    Slot wanted = plan.has("p") ? plan.column("p") : out;
    int rows = 1 + random.nextInt(70);
    int oddities = random.nextInt(3) == 0 ? 10 : 2_000;
    double[][] x = new double[FEATURES][rows];
    boolean[][] missing = new boolean[FEATURES][rows];
    for (int i = 0; i < FEATURES; i++) {
      for (int row = 0; row < rows; row++) {
        x[i][row] = value(random, oddities);
        missing[i][row] = random.nextInt(5 * oddities) == 0;
      }
    }

    Frame slow = run(plan.program(List.of(out, wanted)), inputs, x, missing);
    Program shortcut = plan.shortcut(List.of(out, wanted));
    assertNotNull(shortcut);
    assertFalse(shortcut.needs(plan.column("f")));
    Frame fast = run(shortcut, inputs, x, missing);

    BitSet declined = new BitSet();
    IntStream.of(fast.declinedRows()).forEach(declined::set);
    for (int row = 0; row < rows; row++) {
      assertEquals(slow.failed(row), fast.isDeclined() || declined.get(row));
      if (!slow.failed(row)) {
        assertArrayEquals(bits(slow, out, row), bits(fast, out, row));
        assertArrayEquals(bits(slow, wanted, row), bits(fast, wanted, row));
      }
    }
  }

  private static long[] bits(Frame frame, Slot slot, int row) {
    long[] all = bits(frame, slot);
    int width = all.length / frame.rows();
    return Arrays.copyOfRange(all, row * width, (row + 1) * width);
  }

  private static long[] bits(Frame frame, Slot slot) {
    double[] values =
        slot.type() == SparkType.VECTOR
            ? frame.vectors(slot.id()).values()
            : frame.doubles(slot.id()).values();
    long[] bits = new long[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Double.doubleToRawLongBits(values[i]);
    }
    return bits;
  }

  private static Frame run(Program program, Slot[] inputs, double[][] x, boolean[][] missing) {
    int rows = x[0].length;
    ColumnBatch.Builder batch = ColumnBatch.builder(CONTRACT, rows);
    for (int i = 0; i < FEATURES; i++) {
      batch.add("x" + i, new Column.Doubles(x[i], missing[i]));
    }
    Frame frame = program.frame(CandidateBatch.of(batch.build()));
    for (int i = 0; i < FEATURES; i++) {
      frame.set(inputs[i].id(), new DoubleColumn(x[i], missing[i]));
    }
    program.run(frame);
    return frame;
  }
}
