package org.pillion.scoring;

import java.util.List;

/** A loaded model: scores batches, from any number of threads at once. */
public interface Scorer extends AutoCloseable {
  /** Name of the engine that evaluates the document. */
  String engine();

  /** The arithmetic of the results; the document decides it, not the engine alone. */
  Arithmetic arithmetic();

  /** What the model takes and returns. */
  FeatureContract contract();

  /**
   * Scores every row of a batch that fits {@link #contract()}.
   *
   * @throws InvalidInput when the batch was made for another contract
   */
  ScoreResult score(ColumnBatch batch);

  /**
   * Scores every candidate with its context: the same bits and errors as the expanded rows, and
   * what depends on the context alone may be computed once. Items that this scorer {@linkplain
   * #prepare prepared} are not computed again.
   *
   * @throws InvalidInput when the batch was made for another contract
   */
  default ScoreResult score(CandidateBatch batch) {
    return score(batch.expand());
  }

  /**
   * The best of the candidates, by the scores of {@link #score(CandidateBatch)}.
   *
   * @throws InvalidInput when the batch was made for another contract, or the rule names no output
   */
  default RankResult rank(CandidateBatch batch, RankRule rule) {
    return RankResult.of(score(batch), rule);
  }

  /**
   * Prepares items to be named by batches: what the model computes of items alone may be computed
   * now, and once.
   *
   * @param bytesPerItem how much of what is computed may be kept, by item; what would take more is
   *     computed for each batch
   * @throws InvalidInput when the columns were made for another contract
   */
  default ResidentItems prepare(ItemColumns items, int bytesPerItem) {
    contract().requireSame(items.contract());
    return ResidentItems.of(items);
  }

  /**
   * Explains the values of an output, row by row; null for a row that cannot be scored.
   *
   * @throws InvalidInput when the batch was made for another contract
   * @throws NotExplained when the model's values are not split
   */
  default List<Explanation> explain(ColumnBatch batch, String output) {
    throw new NotExplained(
        ("the model is computed in the arithmetic '%s' by the engine '%s', which splits no scores;"
                + " that takes a document with a Spark plan and the engine 'compiled'")
            .formatted(arithmetic().text(), engine()));
  }

  /** Releases the model; it must not score afterwards. */
  @Override
  default void close() {}
}
