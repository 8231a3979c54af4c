package org.pillion.scoring.compiled.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.compiled.spark.column.Frame;
import org.pillion.scoring.compiled.spark.plan.Program;

/** A compiled plan. Holds no state of a call, so any thread may score. */
final class SparkScorer implements Scorer {
  private final String engine;
  private final FeatureContract contract;
  private final List<InputReader> inputs;
  private final Program program;
  private final List<OutputWriter> outputs;
  private final Map<String, OutputExplainer> explainers;

  SparkScorer(
      String engine,
      FeatureContract contract,
      List<InputReader> inputs,
      Program program,
      List<OutputWriter> outputs,
      Map<String, OutputExplainer> explainers) {
    this.engine = engine;
    this.contract = contract;
    this.inputs = inputs.stream().filter(in -> program.live().get(in.slot().id())).toList();
    this.program = program;
    this.outputs = List.copyOf(outputs);
    this.explainers = Map.copyOf(explainers);
  }

  @Override
  public String engine() {
    return engine;
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
      throw new NotExplained("the output '" + output + "' is not explained: the plan has none");
    }
    explainer.require(output);
    return explainer.explain(output, run(batch));
  }

  @Override
  public ScoreResult score(ColumnBatch batch) {
    Frame frame = run(batch);
    List<Column> columns = new ArrayList<>(outputs.size());
    for (OutputWriter output : outputs) {
      columns.add(output.write(frame));
    }
    return new ScoreResult(batch.rows(), contract.outputs(), columns, frame.errors());
  }

  private Frame run(ColumnBatch batch) {
    if (batch.contract() != contract && !batch.contract().equals(contract)) {
      throw new InvalidInput("the batch was made for another model");
    }
    Frame frame = program.frame(batch);
    inputs.forEach(input -> input.read(frame));
    program.run(frame);
    return frame;
  }
}
