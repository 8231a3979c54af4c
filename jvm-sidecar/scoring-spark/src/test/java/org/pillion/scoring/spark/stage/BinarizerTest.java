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
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

final class BinarizerTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {"none, false", "keep-null=\"true\", true"})
  void aNull_isZero_butKeptInPlansOfSpark3(String attribute, boolean kept) {
    String text =
        """
        <plan xmlns="urn:pillion:spark-plan" blas="VectorBLAS" lanes="2" sparse-overhead="16">\
        <binarizer in="x" out="y" threshold="0.5" %s/></plan>"""
            .formatted(attribute == null ? "" : attribute);
    Element root = PlanReader.read("1", text, DocumentLimits.DEFAULT);
    PlanBuilder plan = new PlanBuilder(Session.of(root));
    Slot in = plan.input("x", SparkType.DOUBLE, 0);
    for (Element stage : root.children()) {
      Stages.COMPILERS.get(stage.name()).compile(stage, plan);
    }
    double[] values = {0.5, 0.75, Double.NaN, 0};
    boolean[] missing = {false, false, false, true};
    FeatureContract contract =
        new FeatureContract(
            List.of(InputField.of("x", FieldType.DOUBLE, OperationalType.CONTINUOUS)), List.of());
    ColumnBatch batch =
        ColumnBatch.builder(contract, values.length)
            .add("x", new Column.Doubles(values, missing))
            .build();
    Slot out = plan.column("y");
    var program = plan.program(List.of(out));
    Frame frame = program.frame(CandidateBatch.of(batch));
    frame.set(in.id(), new DoubleColumn(values, missing));
    program.run(frame);

    assertArrayEquals(new double[] {0, 1, 0, 0}, frame.doubles(out.id()).values());
    assertArrayEquals(kept ? missing : null, frame.doubles(out.id()).nulls());
  }
}
