package org.pillion.scoring;

/** What evaluates PMML documents; found by {@link java.util.ServiceLoader}. */
public interface Engine {
  /** Name of the engine, for example {@code jpmml}. */
  String name();

  /**
   * Place in the order in which engines are tried where the choice is left open; lower is first.
   */
  int precedence();

  /**
   * Reads a document.
   *
   * @throws InvalidModel when no engine could use it
   * @throws UnsupportedElement when this engine does not implement a part of it
   */
  Scorer load(byte[] pmml);
}
