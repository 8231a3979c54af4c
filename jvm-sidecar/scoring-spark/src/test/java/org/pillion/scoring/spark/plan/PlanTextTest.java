package org.pillion.scoring.spark.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.scoring.InvalidModel;

/** The escape of a plan's texts, by the bytes that Python's writer makes. */
final class PlanTextTest {
  @Test
  void unescape_whatPythonWrites_isTheText() throws IOException {
    Path shared = Path.of(System.getProperty("pillion.goldens")).resolveSibling("plan_texts.tsv");
    List<String> lines = List.of(Files.readString(shared).split("\n"));
    assertTrue(lines.size() > 15);
    for (String line : lines) {
      int tab = line.indexOf('\t');
      String text =
          Arrays.stream(line.substring(0, tab).split(" "))
              .filter(unit -> !unit.isEmpty())
              .map(unit -> String.valueOf((char) Integer.parseInt(unit, 16)))
              .collect(Collectors.joining());
      assertEquals(text, PlanText.unescape(line.substring(tab + 1)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\", "a\\", "\\x0041", "\\u004", "\\u00G1", "\\u00AB", "\\\\\\u00"})
  void unescape_strayBackslash_isInvalid(String escaped) {
    assertThrows(InvalidModel.class, () -> PlanText.unescape(escaped));
  }
}
