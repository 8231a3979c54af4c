package org.pillion.scoring.spark.stage;

import java.util.List;
import java.util.Map;
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
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

/** Runs a plan's stages on vectors that no stage has made. */
final class StageRun {
  private StageRun() {}

  /**
   * What the stages make of vectors.
   *
   * @param stages elements of a plan
   * @param size of each vector
   * @param vectors by their column
   * @param output the column that is wanted
   */
  static Values of(String stages, int size, Map<String, VectorColumn> vectors, String output) {
    String text =
        """
        <plan xmlns="urn:pillion:spark-plan" blas="VectorBLAS" lanes="2" sparse-overhead="16">%s</plan>"""
            .formatted(stages);
    Element root = PlanReader.read("1", text, DocumentLimits.DEFAULT);
    PlanBuilder plan = new PlanBuilder(Session.of(root));
    vectors.keySet().forEach(name -> plan.define(name, SparkType.VECTOR, size, List.of()));
    for (Element stage : root.children()) {
      Stages.COMPILERS.get(stage.name()).compile(stage, plan);
    }
    int rows = vectors.values().iterator().next().starts().length - 1;
    FeatureContract contract =
        new FeatureContract(
            List.of(InputField.of("unused", FieldType.DOUBLE, OperationalType.CONTINUOUS)),
            List.of());
    ColumnBatch batch =
        ColumnBatch.builder(contract, rows)
            .add("unused", new Column.Doubles(new double[rows], new boolean[rows]))
            .build();
    Slot wanted = plan.column(output);
    var program = plan.program(List.of(wanted));
    Frame frame = program.frame(CandidateBatch.of(batch));
    vectors.forEach((name, values) -> frame.set(plan.column(name).id(), values));
    program.run(frame);
    return frame.get(wanted.id());
  }
}
