package org.pillion.scoring;

/** Evaluates PMML documents; found by {@link java.util.ServiceLoader}. */
public interface Engine {
  /**
   * Name of the engine, for example {@code jpmml}; engines for different documents may share it.
   */
  String name();

  /** Precedence where the engine is not named: the lowest is tried first. */
  int precedence();

  /**
   * Whether documents of this kind are this engine's, as their header tells.
   *
   * @throws InvalidModel when the document is broken before its header's end
   */
  default boolean reads(byte[] pmml) {
    return true;
  }

  /**
   * Reads a document.
   *
   * @throws InvalidModel when no engine could use it
   * @throws UnsupportedElement when this engine does not implement a part of it
   */
  Scorer load(byte[] pmml);
}
