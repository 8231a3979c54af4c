package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

final class BisectingKMeansTest {
  private static final double[] ROWS = {0.5, -0.5, Double.POSITIVE_INFINITY};

  /** The last row is infinitely far from the right child, and its distance from the left is NaN. */
  @ParameterizedTest
  @CsvSource({"'', 0 1 1", "nan-first=\"true\", 0 1 0"})
  void aDistanceThatIsNaN_isTheLargest_butInPlansOfScala212(String attribute, String clusters) {
    String text =
        """
        <plan xmlns="urn:pillion:spark-plan" blas="VectorBLAS" lanes="2" sparse-overhead="16">\
        <bisectingKMeans features="x" prediction="at" distance="euclidean" %s>%s%s%s</bisectingKMeans></plan>"""
            .formatted(
                attribute,
                centre(0, "left=\"1\" right=\"2\""),
                centre(1, "cluster=\"0\""),
                centre(-1, "cluster=\"1\""));
    Element root = PlanReader.read("1", text, DocumentLimits.DEFAULT);
    PlanBuilder plan = new PlanBuilder(Session.of(root));
    Slot x = plan.define("x", SparkType.VECTOR, 1, List.of());
    for (Element stage : root.children()) {
      Stages.COMPILERS.get(stage.name()).compile(stage, plan);
    }
    FeatureContract contract =
        new FeatureContract(
            List.of(InputField.of("y", FieldType.DOUBLE, OperationalType.CONTINUOUS)), List.of());
    ColumnBatch batch =
        ColumnBatch.builder(contract, ROWS.length)
            .add("y", new Column.Doubles(new double[ROWS.length], new boolean[ROWS.length]))
            .build();
    Slot at = plan.column("at");
    var program = plan.program(List.of(at));
    Frame frame = program.frame(CandidateBatch.of(batch));
    frame.set(x.id(), VectorColumn.ofDense(ROWS.length, 1, ROWS, null));
    program.run(frame);

    long[] expected = Stream.of(clusters.split(" ")).mapToLong(Long::valueOf).toArray();
    assertArrayEquals(expected, ((LongColumn) frame.get(at.id())).values());
  }

  /** A sparse centre, whose distances are computed from norms and a dot product. */
  private static String centre(int value, String attributes) {
    return "<coefficients size=\"1\" %s><indices>0</indices><values>%d.0</values></coefficients>"
        .formatted(attributes, value);
  }
}
