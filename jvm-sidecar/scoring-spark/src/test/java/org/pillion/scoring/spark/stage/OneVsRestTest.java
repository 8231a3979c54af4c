package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
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
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

final class OneVsRestTest {
  private static final int ROWS = 5;

  /** Rows: ordinary, all NaN, the first NaN, the second NaN, all −∞. */
  @ParameterizedTest
  @CsvSource({"'', 1 -1 1 0 -1", "starts-with-first=\"true\", 1 0 0 0 0"})
  void aNumberThatIsNoneAboveInfinity_isTheLargest_onlyAsTheFirstInPlansOfSpark40(
      String attribute, String labels) {
    String text =
        """
        <plan xmlns="urn:pillion:spark-plan" blas="VectorBLAS" lanes="2" sparse-overhead="16">\
        <oneVsRest prediction="label" %s><column in="a"/><column in="b"/></oneVsRest></plan>"""
            .formatted(attribute);
    Element root = PlanReader.read("1", text, DocumentLimits.DEFAULT);
    PlanBuilder plan = new PlanBuilder(Session.of(root));
    Slot a = plan.define("a", SparkType.VECTOR, 2, List.of());
    Slot b = plan.define("b", SparkType.VECTOR, 2, List.of());
    for (Element stage : root.children()) {
      Stages.COMPILERS.get(stage.name()).compile(stage, plan);
    }
    FeatureContract contract =
        new FeatureContract(
            List.of(InputField.of("x", FieldType.DOUBLE, OperationalType.CONTINUOUS)), List.of());
    ColumnBatch batch =
        ColumnBatch.builder(contract, ROWS)
            .add("x", new Column.Doubles(new double[ROWS], new boolean[ROWS]))
            .build();
    Slot label = plan.column("label");
    var program = plan.program(List.of(label));
    Frame frame = program.frame(CandidateBatch.of(batch));
    double nan = Double.NaN;
    double least = Double.NEGATIVE_INFINITY;
    frame.set(a.id(), seconds(0.25, nan, nan, 0.25, least));
    frame.set(b.id(), seconds(0.5, nan, 0.5, nan, least));
    program.run(frame);

    double[] expected = List.of(labels.split(" ")).stream().mapToDouble(Double::valueOf).toArray();
    assertArrayEquals(expected, frame.doubles(label.id()).values());
  }

  /** Raw predictions of two classes, of which the second counts. */
  private static VectorColumn seconds(double... values) {
    double[] both = new double[2 * values.length];
    for (int row = 0; row < values.length; row++) {
      both[2 * row + 1] = values[row];
    }
    return VectorColumn.ofDense(values.length, 2, both, null);
  }
}
