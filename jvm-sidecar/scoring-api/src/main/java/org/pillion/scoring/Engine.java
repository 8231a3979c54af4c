package org.pillion.scoring;

/** What evaluates PMML documents; found by {@link java.util.ServiceLoader}. */
public interface Engine {
  /** Name of the engine, for example {@code jpmml}. */
  String name();

  /**
   * Whether this engine's arithmetic is that of the system that trained the model, so that every
   * double must come out with the same bits.
   */
  boolean exact();

  /**
   * Reads a document.
   *
   * @throws InvalidModel when no engine could use it
   * @throws UnsupportedElement when this engine does not implement a part of it
   */
  Scorer load(byte[] pmml);
}
