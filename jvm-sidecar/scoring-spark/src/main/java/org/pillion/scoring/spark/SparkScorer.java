package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.DocumentEngine;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.plan.Division;
import org.pillion.scoring.spark.plan.Program;
import org.pillion.scoring.spark.plan.Slot;

/**
 * A compiled plan. Holds no state of a call but what depends on the plan alone, so any thread may
 * score.
 */
final class SparkScorer implements Scorer {
  private final FeatureContract contract;
  private final List<InputReader> inputs;
  private final Program program;
  private final List<ElementsWriter.Columns> outputs;
  private final Map<String, OutputExplainer> explainers;

  /** The last division of the program, shared by all threads. */
  private volatile Divided last;

  SparkScorer(
      FeatureContract contract,
      List<InputReader> inputs,
      Program program,
      List<OutputWriter> outputs,
      Map<String, OutputExplainer> explainers) {
    this.contract = contract;
    this.inputs = inputs.stream().filter(in -> program.needs(in.slot())).toList();
    this.program = program;
    this.outputs = ElementsWriter.join(outputs);
    this.explainers = Map.copyOf(explainers);
  }

  @Override
  public String engine() {
    return DocumentEngine.NAME;
  }

  @Override
  public Arithmetic arithmetic() {
    return Arithmetic.SPARK;
  }

  @Override
  public FeatureContract contract() {
    return contract;
  }

  @Override
  public List<Explanation> explain(ColumnBatch batch, String output) {
    OutputExplainer explainer = explainers.get(output);
    if (explainer == null) {
      throw new NotExplained(
          "the output '%s' is not explained: it is no column's own value in the plan"
              .formatted(output));
    }
    explainer.require(output);
    return explainer.explain(output, run(batch));
  }

  @Override
  public ScoreResult score(ColumnBatch batch) {
    return result(run(batch));
  }

  @Override
  public ScoreResult score(CandidateBatch batch) {
    contract.requireSame(batch.contract());
    BitSet shared = batch.context();
    if (shared.isEmpty() || batch.rows() == 1) {
      return score(batch.expand());
    }
    Division division = division(shared);
    Frame context = division.context(batch);
    inputs.stream().filter(in -> in.within(shared)).forEach(in -> in.read(context));
    division.runOnce(context);
    if (context.anyFailed()) {
      // Every row fails, each with the error of the first of its stages that refuses it.
      return score(batch.expand());
    }
    Frame candidates = context.candidates();
    inputs.stream().filter(in -> !in.within(shared)).forEach(in -> in.read(candidates));
    division.runEach(candidates);
    return result(candidates);
  }

  private ScoreResult result(Frame frame) {
    List<Column> columns = new ArrayList<>(contract.outputs().size());
    outputs.forEach(output -> output.write(frame, columns));
    return new ScoreResult(frame.rows(), contract.outputs(), columns, frame.errors());
  }

  private Frame run(ColumnBatch batch) {
    contract.requireSame(batch.contract());
    Frame frame = program.frame(CandidateBatch.of(batch));
    inputs.forEach(input -> input.read(frame));
    program.run(frame);
    return frame;
  }

  /** Requests for a model mostly have the same inputs in their contexts. */
  private Division division(BitSet shared) {
    Divided known = last;
    if (known == null || !known.shared.equals(shared)) {
      List<Slot> slots =
          inputs.stream().filter(in -> in.within(shared)).map(InputReader::slot).toList();
      known = new Divided(shared, program.divide(slots));
      last = known;
    }
    return known.division;
  }

  private record Divided(BitSet shared, Division division) {}
}
