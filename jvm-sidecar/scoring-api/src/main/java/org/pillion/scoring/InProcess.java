package org.pillion.scoring;

/**
 * A model loaded into a JVM that another language shares: bytes in, bytes out, one call a batch.
 */
public final class InProcess implements AutoCloseable {
  private final Scorer scorer;

  private InProcess(Scorer scorer) {
    this.scorer = scorer;
  }

  /**
   * Loads a document.
   *
   * @param pmml the document's bytes
   * @param engine an engine's name, or {@code auto}
   * @throws ScoringException when the document or the engine's name is bad
   */
  public static InProcess open(byte[] pmml, String engine) {
    return new InProcess(Engines.installed().load(engine, pmml));
  }

  /** The contract as JSON, see {@link FeatureContract#toJson()}. */
  public String contractJson() {
    return scorer.contract().toJson();
  }

  /** Name of the engine that evaluates the document. */
  public String engine() {
    return scorer.engine();
  }

  /** The arithmetic of the results: {@code spark} or {@code jpmml}. */
  public String arithmetic() {
    return scorer.arithmetic().text();
  }

  /**
   * Scores a packed batch into a packed result, see {@link BatchCodec}.
   *
   * @throws InvalidInput when the batch cannot be read or does not fit the contract
   */
  public byte[] score(byte[] packed) {
    return BatchCodec.write(scorer.score(BatchCodec.read(packed, scorer.contract())));
  }

  @Override
  public void close() {
    scorer.close();
  }
}
