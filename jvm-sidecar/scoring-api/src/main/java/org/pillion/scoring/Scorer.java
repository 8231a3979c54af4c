package org.pillion.scoring;

/** A loaded model: scores batches, from any number of threads at once. */
public interface Scorer extends AutoCloseable {
  /** Name of the engine that evaluates the document. */
  String engine();

  /** Whose arithmetic the results have; a document's contents decide it, not the engine alone. */
  Arithmetic arithmetic();

  /** What the model takes and returns. */
  FeatureContract contract();

  /**
   * Scores every row of a batch that fits {@link #contract()}.
   *
   * @throws InvalidInput when the batch was made for another contract
   */
  ScoreResult score(ColumnBatch batch);

  /** Lets go of what the model holds; scoring after this is a mistake. */
  @Override
  default void close() {}
}
