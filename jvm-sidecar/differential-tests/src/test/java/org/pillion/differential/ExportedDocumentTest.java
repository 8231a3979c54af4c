package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.UnsupportedElement;

/** The documents of the golden cases, without the plan that Pillion adds. */
final class ExportedDocumentTest {
  /** What the compiled engine leaves to the interpreter. */
  private static final Set<String> REFUSED =
      Set.of(
          "glm_binomial_probit",
          "one_class_logistic_one",
          "polynomial_expansion",
          "sql_functions",
          "text_counts",
          "text_idf",
          "text_pairs");

  private static final int ROWS = 1_500;

  /** The golden cases whose documents the compiled engine takes. */
  static List<Path> taken() {
    return RealDocument.goldens().stream().filter(folder -> !refused(folder)).toList();
  }

  private static boolean refused(Path folder) {
    return REFUSED.contains(folder.getFileName().toString());
  }

  @ParameterizedTest
  @MethodSource("org.pillion.differential.RealDocument#goldens")
  void exported_document_scores_with_the_interpreters_bits(Path folder) throws IOException {
    byte[] bytes = RealDocument.bare(folder);
    if (refused(folder)) {
      assertThrows(UnsupportedElement.class, () -> Comparison.compile(bytes));
      return;
    }
    Comparison comparison = Comparison.load(bytes);
    assertEquals("compiled", comparison.compiled().engine());
    assertEquals(Arithmetic.JPMML, comparison.compiled().arithmetic());
    assertEquals(comparison.interpreter().contract(), comparison.compiled().contract());
    for (long seed = 1; seed <= 2; seed++) {
      assertEquals(List.of(), comparison.differences(new RandomRows(seed, ROWS)));
    }
  }
}
