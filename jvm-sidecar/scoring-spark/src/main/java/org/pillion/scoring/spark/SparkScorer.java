package org.pillion.scoring.spark;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pillion.pmml.DocumentEngine;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
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

  /** By shortcuts, for rows of which none is refused; null where the plan has none. */
  private final Route shortcut;

  private final Outputs outputs;

  /** By name, the outputs that a ranking by one of them needs. */
  private final Map<String, Outputs> ranked = new HashMap<>();

  private final Map<String, OutputExplainer> explainers;

  SparkScorer(
      FeatureContract contract,
      Route stages,
      Route shortcut,
      List<OutputWriter> writers,
      Map<String, OutputExplainer> explainers) {
    this.contract = contract;
    this.stages = stages;
    this.shortcut = shortcut;
    this.outputs = Outputs.all(contract.outputs(), writers);
    for (OutputField field : contract.outputs()) {
      ranked.put(field.name(), Outputs.only(field.name(), contract.outputs(), writers));
    }
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
    return score(CandidateBatch.of(batch), outputs);
  }

  @Override
  public ScoreResult score(CandidateBatch batch) {
    contract.requireSame(batch.contract());
    return batch.items() != null && batch.items().items() instanceof SparkItems items
        ? items.score(this, batch, outputs)
        : score(batch, outputs);
  }

  @Override
  public RankResult rank(CandidateBatch batch, RankRule rule) {
    contract.requireSame(batch.contract());
    // Where no output has the name, the result says so.
    Outputs needed = ranked.getOrDefault(rule.output(), outputs);
    return batch.items() != null && batch.items().items() instanceof SparkItems items
        ? items.rank(this, batch, rule, needed)
        : RankResult.of(score(batch, needed), rule);
  }

  @Override
  public ResidentItems prepare(ItemColumns items, int bytesPerItem) {
    contract.requireSame(items.contract());
    SparkItems prepared =
        shortcut == null ? null : SparkItems.of(this, shortcut, items, bytesPerItem);
    return prepared == null ? SparkItems.of(this, stages, items, bytesPerItem) : prepared;
  }

  /** Scores candidates of which nothing was computed before. */
  ScoreResult score(CandidateBatch batch, Outputs wanted) {
    if (shortcut == null) {
      return scoreByStages(batch, wanted);
    }
    Frame frame = once(batch) ? shortcut.runOnce(batch) : shortcut.run(rows(batch));
    return frame == null ? scoreByStages(batch, wanted) : complete(batch, frame, wanted);
  }

  /**
   * The outputs of a frame; the stages compute what a shortcut declined.
   *
   * @param batch the frame's rows
   */
  ScoreResult complete(CandidateBatch batch, Frame frame, Outputs wanted) {
    int[] declined = frame.declinedRows();
    if (frame.isDeclined() || 2 * declined.length > batch.rows()) {
      return scoreByStages(batch, wanted);
    }
    ScoreResult result = wanted.of(frame);
    return declined.length == 0
        ? result
        : new JoinedResult(batch.rows(), wanted.fields())
            .add(result, IntStream.range(0, batch.rows()).toArray())
            .add(scoreByStages(batch.pick(declined), wanted), declined)
            .build();
  }

  private ScoreResult scoreByStages(CandidateBatch batch, Outputs wanted) {
    Frame frame = once(batch) ? stages.runOnce(batch) : null;
    return wanted.of(frame == null ? stages.run(rows(batch)) : frame);
  }

  /** Whether there is a context that pays to be computed once. */
  private static boolean once(CandidateBatch batch) {
    return batch.rows() != 1 && !batch.context().isEmpty();
  }

  private static CandidateBatch rows(CandidateBatch batch) {
    return batch.items() == null && batch.context().isEmpty()
        ? batch
        : CandidateBatch.of(batch.expand());
  }
}
