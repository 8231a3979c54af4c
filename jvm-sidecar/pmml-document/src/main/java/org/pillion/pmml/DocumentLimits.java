package org.pillion.pmml;

/**
 * What a document may cost to read; the same limits as the interpreter's.
 *
 * @param bytes longest document; system property {@code pillion.pmml.max-bytes}
 * @param depth deepest nesting of elements; system property {@code pillion.pmml.max-depth}
 * @param elements most elements; system property {@code pillion.pmml.max-elements}
 */
public record DocumentLimits(long bytes, int depth, long elements) {
  /** The limits that hold unless system properties say otherwise. */
  public static final DocumentLimits DEFAULT = new DocumentLimits(256L << 20, 512, 20_000_000);

  /** The limits of this JVM. */
  public static DocumentLimits configured() {
    return new DocumentLimits(
        Long.getLong("pillion.pmml.max-bytes", DEFAULT.bytes),
        Integer.getInteger("pillion.pmml.max-depth", DEFAULT.depth),
        Long.getLong("pillion.pmml.max-elements", DEFAULT.elements));
  }
}
