package org.pillion.scoring.jpmml;

/**
 * What a document may cost to read.
 *
 * @param bytes longest document; system property {@code pillion.pmml.max-bytes}
 * @param depth deepest nesting of elements; system property {@code pillion.pmml.max-depth}
 * @param elements most elements; system property {@code pillion.pmml.max-elements}
 */
record DocumentLimits(long bytes, int depth, long elements) {
  static final DocumentLimits DEFAULT = new DocumentLimits(256L << 20, 512, 20_000_000);

  static DocumentLimits configured() {
    return new DocumentLimits(
        Long.getLong("pillion.pmml.max-bytes", DEFAULT.bytes),
        Integer.getInteger("pillion.pmml.max-depth", DEFAULT.depth),
        Long.getLong("pillion.pmml.max-elements", DEFAULT.elements));
  }
}
