package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.DocumentEngine;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.spark.column.Frame;

/**
 * A compiled plan. Holds no state of a call but what depends on the plan alone, so any thread may
 * score.
 */
final class SparkScorer implements Scorer {
  private final FeatureContract contract;

  /** Stage by stage. */
  private final Route stages;

  /** By shortcuts, for batches in which no row fails; null where the plan has none. */
  private final Route shortcut;

  private final List<ElementsWriter.Columns> outputs;
  private final Map<String, OutputExplainer> explainers;

  SparkScorer(
      FeatureContract contract,
      Route stages,
      Route shortcut,
      List<OutputWriter> outputs,
      Map<String, OutputExplainer> explainers) {
    this.contract = contract;
    this.stages = stages;
    this.shortcut = shortcut;
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
    contract.requireSame(batch.contract());
    return explainer.explain(output, stages.run(CandidateBatch.of(batch)));
  }

  @Override
  public ScoreResult score(ColumnBatch batch) {
    contract.requireSame(batch.contract());
    CandidateBatch rows = CandidateBatch.of(batch);
    Frame frame = shortcut == null ? null : shortcut.run(rows);
    return result(frame == null || frame.isDeclined() ? stages.run(rows) : frame);
  }

  @Override
  public ScoreResult score(CandidateBatch batch) {
    contract.requireSame(batch.contract());
    return batch.items() != null && batch.items().items() instanceof SparkItems items
        ? items.score(this, batch)
        : scoreApart(batch);
  }

  @Override
  public ResidentItems prepare(ItemColumns items, int bytesPerItem) {
    contract.requireSame(items.contract());
    SparkItems prepared =
        shortcut == null ? null : SparkItems.of(this, shortcut, items, bytesPerItem);
    return prepared == null ? SparkItems.of(this, stages, items, bytesPerItem) : prepared;
  }

  /** Scores candidates of which nothing was computed before. */
  ScoreResult scoreApart(CandidateBatch batch) {
    if (batch.context().isEmpty() || batch.rows() == 1) {
      return score(batch.expand());
    }
    Frame frame = shortcut == null ? null : shortcut.runOnce(batch);
    if (frame == null || frame.isDeclined()) {
      frame = stages.runOnce(batch);
    }
    return frame == null ? score(batch.expand()) : result(frame);
  }

  /** The outputs of a frame in which the plan has run. */
  ScoreResult result(Frame frame) {
    List<Column> columns = new ArrayList<>(contract.outputs().size());
    outputs.forEach(output -> output.write(frame, columns));
    return new ScoreResult(frame.rows(), contract.outputs(), columns, frame.errors());
  }
}
