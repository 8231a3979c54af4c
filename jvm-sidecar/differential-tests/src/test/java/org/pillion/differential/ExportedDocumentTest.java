package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.UnsupportedElement;

/** Documents that Spark pipelines were exported to, without the plan that Pillion adds. */
final class ExportedDocumentTest {
  /** What the compiled engine leaves to the interpreter. */
  private static final Set<String> REFUSED = Set.of("glm_binomial_probit.pmml", "text.pmml");

  private static final int ROWS = 1_500;

  static Stream<Path> documents() throws IOException, URISyntaxException {
    Path folder = Path.of(ExportedDocumentTest.class.getResource("/documents").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void exported_document_scores_with_the_interpreters_bits(Path document) throws IOException {
    byte[] bytes = Files.readAllBytes(document);
    if (REFUSED.contains(document.getFileName().toString())) {
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
