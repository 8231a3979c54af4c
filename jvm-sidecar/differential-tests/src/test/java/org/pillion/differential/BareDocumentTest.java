package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.Engines;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.UnsupportedElement;

/** Small documents of other producers, each with something that Spark's exporter never writes. */
final class BareDocumentTest {
  private static final Path DOCUMENTS = Path.of("src", "test", "resources", "bare");
  private static final String NEWEST = "http://www.dmg.org/PMML-4_4";

  private static byte[] read(String name) throws IOException {
    return Files.readAllBytes(DOCUMENTS.resolve(name + ".pmml"));
  }

  private static ScoreResult score(Scorer scorer, Object... values) {
    InputField field = scorer.contract().inputs().get(0);
    ColumnBuilder column = new ColumnBuilder(field.name(), field.type());
    for (Object value : values) {
      column.addBoxed(value);
    }
    ColumnBatch.Builder batch = ColumnBatch.builder(scorer.contract(), values.length);
    for (InputField input : scorer.contract().inputs()) {
      batch.add(input.name(), column.build());
    }
    return scorer.score(batch.build());
  }

  private static List<Object> values(Column column, int rows) {
    List<Object> values = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      values.add(column.value(row));
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "derived-redeclares",
        "derived-with-values",
        "inf-coefficient",
        "nan-intercept",
        "spaced-number"
      })
  void what_only_the_interpreter_takes_is_unsupported_and_left_to_it(String name)
      throws IOException {
    byte[] document = read(name);
    assertThrows(UnsupportedElement.class, () -> Comparison.compile(document));
    Engines.Choice choice = Engines.installed().choose("auto", document);
    assertEquals("jpmml", choice.scorer().engine());
    assertEquals(List.of(), score(choice.scorer(), first(choice.scorer())).errors());
  }

  private static Object first(Scorer scorer) {
    return switch (scorer.contract().inputs().get(0).type()) {
      case INTEGER -> 1L;
      default -> 1d;
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster-name-only",
        "cluster-no-id",
        "general-regression-zero",
        "inf-threshold",
        "nested-chain-returnMissing",
        "schema-location",
        "select-first-shared-field",
        "unused-field"
      })
  void document_scores_with_the_interpreters_bits(String name) throws IOException {
    Comparison comparison = Comparison.load(read(name));
    assertEquals(comparison.interpreter().contract(), comparison.compiled().contract());
    assertEquals(List.of(), comparison.differences(new RandomRows(1, 500)));
  }

  @Test
  void missing_value_in_a_nested_chain_fails_the_row_in_both() throws IOException {
    Comparison comparison = Comparison.load(read("nested-chain-returnMissing"));
    for (Scorer scorer : List.of(comparison.interpreter(), comparison.compiled())) {
      ScoreResult result = score(scorer, null, 2d);
      assertEquals(List.of(0), result.errors().stream().map(error -> error.row()).toList());
      assertEquals(4d, result.columns().get(0).value(1));
    }
  }

  @Test
  void nested_chain_that_names_its_target_returns_missing_in_both() throws IOException {
    String document = new String(read("nested-chain-returnMissing"), StandardCharsets.UTF_8);
    String target = "<MiningField name=\"y\" usageType=\"target\"/>";
    int inner = document.indexOf("<MiningSchema>", document.indexOf("<Segment ")) + 14;
    String named = document.substring(0, inner) + target + document.substring(inner);
    Comparison comparison = Comparison.load(named.getBytes(StandardCharsets.UTF_8));
    assertEquals(List.of(), comparison.differences(new RandomRows(2, 500)));
  }

  @Test
  void model_without_target_and_output_returns_what_it_predicts() throws IOException {
    for (String engine : List.of("jpmml", "compiled")) {
      for (String name : List.of("cluster-no-id", "cluster-name-only")) {
        Scorer scorer = Engines.installed().load(engine, read(name));
        assertEquals(
            List.of(OutputField.UNNAMED_TARGET),
            scorer.contract().outputs().stream().map(OutputField::name).toList());
        assertEquals(List.of("1", "2"), values(score(scorer, 1d, 4d).columns().get(0), 2));
      }
    }
  }

  @Test
  void rule_set_without_a_default_scores_the_rows_that_it_has_rules_for() throws IOException {
    ScoreResult result = score(Comparison.interpret(read("probe-ruleset")), 1d, 7d, null);
    assertEquals(List.of("a", "b"), values(result.columns().get(0), 2));
    assertEquals(List.of(2), result.errors().stream().map(error -> error.row()).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"3_0", "3_1", "3_2", "4_0", "4_1", "4_2", "4_3", "4_4"})
  void namespace_of_any_version_is_read_as_the_newest(String version) throws IOException {
    String document =
        new String(read("unused-field"), StandardCharsets.UTF_8)
            .replace(NEWEST, "http://www.dmg.org/PMML-" + version)
            .replace("version=\"4.4\"", "version=\"" + version.replace('_', '.') + "\"");
    Comparison comparison = Comparison.load(document.getBytes(StandardCharsets.UTF_8));
    assertEquals(List.of(), comparison.differences(new RandomRows(3, 200)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Lag", "Aggregate"})
  void expression_over_other_rows_is_refused_at_load_by_its_name(String element)
      throws IOException {
    String document =
        new String(read("derived-redeclares"), StandardCharsets.UTF_8)
            .replace("<DerivedField name=\"x\"", "<DerivedField name=\"d\"")
            .replace(
                "<Constant dataType=\"double\">5</Constant>",
                element.equals("Lag")
                    ? "<Lag field=\"x\"/>"
                    : "<Aggregate field=\"x\" function=\"sum\"/>")
            .replace("NumericPredictor name=\"x\"", "NumericPredictor name=\"d\"");
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    UnsupportedElement refused =
        assertThrows(UnsupportedElement.class, () -> Comparison.interpret(bytes));
    assertEquals(element, refused.element());
  }

  @Test
  void message_of_a_document_that_the_interpreter_stumbles_over_says_more_than_null()
      throws IOException {
    String document =
        new String(read("unused-field"), StandardCharsets.UTF_8)
            .replace(
                "<DataField name=\"w\" optype=\"continuous\" dataType=\"double\"/>",
                "<DataField/>");
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    InvalidModel refused = assertThrows(InvalidModel.class, () -> Comparison.interpret(bytes));
    assertTrue(!refused.getMessage().endsWith("null"), refused::getMessage);
  }
}
