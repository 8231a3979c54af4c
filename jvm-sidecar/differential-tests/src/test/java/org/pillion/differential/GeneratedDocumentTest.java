package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Random documents of all supported elements, on random rows. */
final class GeneratedDocumentTest {
  private static final int ROWS = 120;

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void generated_document_scores_with_the_interpreters_bits(@ForAll long seed) {
    GeneratedDocument document = new GeneratedDocument(seed);
    byte[] bytes = document.bytes();
    Comparison comparison = Comparison.load(bytes);
    assertEquals(
        comparison.interpreter().contract(), comparison.compiled().contract(), document::describe);
    assertEquals(List.of(), comparison.differences(new RandomRows(seed, ROWS)), document::describe);
  }
}
