package org.pillion.scoring;

/** A part of a sound document that an engine does not implement; another engine may. */
public final class UnsupportedElement extends ScoringException {
  private static final long serialVersionUID = 1L;

  private final String element;

  /**
   * A refusal.
   *
   * @param element the PMML element or attribute that is not implemented
   */
  public UnsupportedElement(String element, String message) {
    super("unsupported_element", message, false, null);
    this.element = element;
  }

  /** The PMML element or attribute that is not implemented. */
  public String element() {
    return element;
  }
}
