package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/** Spark plans that no exporter writes, and rows that Spark would stumble over. */
final class BadPlanTest {
  private static final String DOCUMENT = read();

  private static String read() {
    try (InputStream resource = BadPlanTest.class.getResourceAsStream("/plans/logistic.pmml")) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String with(String part, String replacement) {
    String changed = DOCUMENT.replace(part, replacement);
    assertNotEquals(DOCUMENT, changed, () -> "nothing to replace: " + part);
    return changed;
  }

  private static String refusal(String document) {
    ScoringException refused =
        assertThrows(
            ScoringException.class,
            () -> Comparison.compile(document.getBytes(StandardCharsets.UTF_8)));
    assertTrue(
        refused instanceof InvalidModel || refused instanceof UnsupportedElement,
        () -> refused.getClass().toString());
    return refused.getMessage();
  }

  @Test
  void plan_is_used() {
    Scorer scorer = Comparison.compile(DOCUMENT.getBytes(StandardCharsets.UTF_8));
    assertEquals("compiled", scorer.engine());
    assertEquals(Arithmetic.SPARK, scorer.arithmetic());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<oneHotEncoder invalid=\"error\"><column in=\"ci\" | <novel/><oneHotEncoder"
            + " invalid=\"error\"><column in=\"ci\" | novel",
        "<stringIndexer invalid=\"keep\"> | <stringIndexer invalid=\"guess\"> | guess",
        "in=\"ci\" out=\"co\" | in=\"ghost\" out=\"co\" | ghost",
        "column=\"prediction\" | column=\"ghost\" | ghost",
        "size=\"16\" | size=\"3\" | 16",
        "size=\"16\" | size=\"2000000000\" | coefficients",
        "intercept=\"-0.8844501472879382\" | intercept=\"1e400\" | 1e400",
        "intercept=\"-0.8844501472879382\" | intercept=\"one\" | one",
        "name=\"age\" type=\"integer\" | name=\"age\" type=\"uuid\" | uuid",
        "out=\"si\" | out=\"ci\" | si",
        "blas=\"VectorBLAS\" | blas=\"GuessBLAS\" | GuessBLAS",
        "value=\"1\" | value=\"999\" | 999"
      })
  void bad_part_of_a_plan_is_refused_by_name(String part, String replacement, String named) {
    String message = refusal(with(part, replacement));
    assertTrue(message.contains(named), message);
  }

  @Test
  void deep_or_truncated_plan_is_refused() {
    refusal(with("<plan ", "<plan >".repeat(1_000) + "<plan "));
    int end = DOCUMENT.indexOf("</plan>");
    for (int length = DOCUMENT.indexOf("<plan "); length < end; length += 97) {
      refusal(DOCUMENT.substring(0, length) + DOCUMENT.substring(end + "</plan>".length()));
    }
  }

  private static Column texts(String... values) {
    boolean[] missing = new boolean[values.length];
    for (int row = 0; row < values.length; row++) {
      missing[row] = values[row] == null;
    }
    return new Column.Strings(values, missing);
  }

  private static Column numbers(double... values) {
    return new Column.Doubles(values, new boolean[values.length]);
  }

  @Test
  void strange_row_spoils_no_other_row() {
    Scorer scorer = Comparison.compile(DOCUMENT.getBytes(StandardCharsets.UTF_8));
    String huge = "x".repeat(1 << 20);
    Map<String, Column> columns = new LinkedHashMap<>();
    columns.put("color", texts("red", huge, "red", "red", "red"));
    columns.put("size", texts("S", "S", "S", "S", "S"));
    columns.put("device", texts("tv", "tv", "tv", "never seen", "tv"));
    boolean[] noAge = {false, false, true, false, false};
    columns.put("age", new Column.Longs(new long[] {30, 30, 0, 30, 30}, noAge));
    columns.put("income", numbers(20, 20, 20, Double.POSITIVE_INFINITY, 20));
    columns.put("temp", numbers(5, 5, 5, -0d, 5));
    columns.put("hour", numbers(7, 7, 7, Double.NaN, 7));
    ScoreResult result = scorer.score(ColumnBatch.of(scorer.contract(), 5, columns));
    List<Integer> refused = result.errors().stream().map(RowError::row).toList();
    assertTrue(refused.contains(2), () -> "a missing number passed: " + result.errors());
    assertTrue(!refused.contains(0) && !refused.contains(4), () -> result.errors().toString());
    for (Column column : result.columns()) {
      assertEquals(column.value(0), column.value(4));
    }
    for (RowError error : result.errors()) {
      int length = error.message().length() + String.valueOf(error.value()).length();
      assertTrue(length < 700, "an error repeats a megabyte");
    }
  }
}
