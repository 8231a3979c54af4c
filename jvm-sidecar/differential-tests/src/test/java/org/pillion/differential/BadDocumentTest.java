package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/** Documents and rows that nobody should send. */
final class BadDocumentTest {
  private static final String FIELDS =
      "<DataField name='a' optype='continuous' dataType='double'/><DataField name='c'"
          + " optype='categorical' dataType='string'><Value value='red'/></DataField>"
          + "<DataField name='y' optype='continuous' dataType='double'/>";

  private static final String SCHEMA =
      "<MiningSchema><MiningField name='a'/><MiningField name='c'/>"
          + "<MiningField name='y' usageType='target'/></MiningSchema>";

  private static final String TABLE =
      "<RegressionTable intercept='1'><NumericPredictor name='a' coefficient='2'/>"
          + "<CategoricalPredictor name='c' value='red' coefficient='3'/></RegressionTable>";

  private static String document(String fields, String derived, String model) {
    return "<PMML xmlns='http://www.dmg.org/PMML-4_4' version='4.4'><Header/><DataDictionary>"
        + fields
        + "</DataDictionary><TransformationDictionary>"
        + derived
        + "</TransformationDictionary>"
        + model
        + "</PMML>";
  }

  private static String regression(String derived, String table) {
    return document(
        FIELDS,
        derived,
        "<RegressionModel functionName='regression'>" + SCHEMA + table + "</RegressionModel>");
  }

  private static String tree(String attributes, String nodes) {
    return document(
        FIELDS,
        "",
        "<TreeModel functionName='regression' %s>%s<Node id='0' score='1'><True/>%s</Node>"
                .formatted(attributes, SCHEMA, nodes)
            + "</TreeModel>");
  }

  private static Scorer load(String document) {
    return Comparison.compile(document.getBytes(StandardCharsets.UTF_8));
  }

  private static String refusal(String document) {
    ScoringException refused = assertThrows(ScoringException.class, () -> load(document));
    assertTrue(
        refused instanceof InvalidModel || refused instanceof UnsupportedElement,
        () -> refused.getClass().toString());
    return refused.getMessage();
  }

  private static void assertRefused(String expected, String document) {
    String message = refusal(document);
    assertTrue(message.contains(expected), message);
  }

  private static String derived(String name, String of) {
    return "<DerivedField name='%s' optype='continuous' dataType='double'>".formatted(name)
        + "<FieldRef field='"
        + of
        + "'/></DerivedField>";
  }

  @Test
  void cycle_of_derived_fields_is_refused() {
    String message =
        refusal(regression(derived("p", "q") + derived("q", "p"), TABLE.replace("'a'", "'p'")));
    assertTrue(message.contains("from itself"), message);
    assertRefused("from itself", regression(derived("p", "p"), TABLE));
  }

  @Test
  void long_chain_of_derived_fields_is_refused() {
    StringBuilder chain = new StringBuilder(derived("d0", "a"));
    for (int i = 1; i <= 300; i++) {
      chain.append(derived("d" + i, "d" + (i - 1)));
    }
    String table = TABLE.replace("name='a'", "name='d300'");
    assertRefused("chain", regression(chain.toString(), table));
  }

  @Test
  void predictor_on_an_unknown_field_is_refused() {
    assertRefused("'ghost'", regression("", TABLE.replace("name='a'", "name='ghost'")));
  }

  @Test
  void predictor_on_a_field_outside_of_the_schema_is_refused() {
    String schema = SCHEMA.replace("<MiningField name='a'/>", "");
    assertRefused("MiningSchema", regression("", TABLE).replace(SCHEMA, schema));
  }

  @Test
  void tree_without_the_default_child_it_asks_for_is_refused() {
    String child = "<Node id='1' score='2'><SimplePredicate field='a' operator='lessThan'";
    String rest = " value='3'/></Node>";
    String strategy = "missingValueStrategy='defaultChild'";
    assertRefused("has no defaultChild", tree(strategy, child + rest));
    String named = tree(strategy, child + rest).replace("id='0'", "id='0' defaultChild='7'");
    assertRefused("'7'", named);
  }

  @ParameterizedTest
  @CsvSource({"1e400", "-1e400", "NaN", "INF", "0x1p3", "1d", "one", "''", "1e", "--1"})
  void coefficient_that_is_no_finite_number_is_refused(String number) {
    String message = refusal(regression("", TABLE.replace("'2'", "'" + number + "'")));
    assertTrue(message.contains("coefficient"), message);
  }

  @ParameterizedTest
  @CsvSource({"intercept='1'", "value='3'", "score='1'"})
  void other_number_that_is_too_large_is_refused(String attribute) {
    String large = attribute.replaceAll("'.*'", "'1e999'");
    String split =
        "<Node id='1' score='2'><SimplePredicate field='a' operator='lessThan' value='3'/></Node>";
    String base = attribute.startsWith("intercept") ? regression("", TABLE) : tree("", split);
    String message = refusal(base.replace(attribute, large));
    assertTrue(message.contains("1e999"), message);
  }

  @Test
  void field_declared_twice_is_refused() {
    String field = "<DataField name='a' optype='continuous' dataType='double'/>";
    assertRefused("twice", regression("", TABLE).replace(field, field + field));
    assertRefused("twice", regression(derived("p", "a") + derived("p", "a"), TABLE));
    assertRefused("again", regression(derived("c", "a"), TABLE));
    String mining = "<MiningField name='a'/>";
    assertRefused("twice", regression("", TABLE).replace(mining, mining + mining));
  }

  @Test
  void thousand_nested_elements_are_refused() {
    String deep =
        "<Apply function='not'>".repeat(1_000) + "<FieldRef field='a'/>" + "</Apply>".repeat(1_000);
    String field =
        "<DerivedField name='d' optype='continuous' dataType='double'>" + deep + "</DerivedField>";
    assertRefused("nested", regression(field, TABLE));
    String nodes = "<Node score='1'><True/>".repeat(1_000) + "</Node>".repeat(1_000);
    assertRefused("nested", tree("", nodes));
  }

  @Test
  void hundred_thousand_trees_score_or_are_refused_in_bounded_memory() {
    int trees = 100_000;
    String segment =
        "<Segment><True/><TreeModel functionName='regression'><MiningSchema><MiningField"
            + " name='a'/></MiningSchema><Node score='0'><True/><Node score='1'><SimplePredicate"
            + " field='a' operator='lessOrEqual' value='3'/></Node><Node score='2'><True/></Node>"
            + "</Node></TreeModel></Segment>";
    String model =
        "<MiningModel functionName='regression'>%s<Output><OutputField name='p'/></Output>"
                .formatted(SCHEMA)
            + "<Segmentation multipleModelMethod='sum'>"
            + segment.repeat(trees)
            + "</Segmentation></MiningModel>";
    Scorer scorer = load(document(FIELDS, "", model));
    ColumnBatch batch = rows(scorer, new double[] {3, 4}, "red", "red");
    assertEquals((double) trees, scorer.score(batch).columns().get(1).value(0));
    assertEquals(2d * trees, scorer.score(batch).columns().get(1).value(1));
  }

  @ParameterizedTest
  @CsvSource({
    "'<!DOCTYPE PMML []>', DOCTYPE",
    "'<!DOCTYPE PMML SYSTEM \"file:///etc/passwd\">', DOCTYPE"
  })
  void doctype_is_refused(String doctype, String expected) {
    assertRefused(expected, doctype + regression("", TABLE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://www.dmg.org/PMML-2_1", "http://www.dmg.org/PMML-5_0"})
  void namespace_that_the_interpreter_cannot_import_is_refused_by_both(String namespace) {
    String document = regression("", TABLE).replace("http://www.dmg.org/PMML-4_4", namespace);
    assertRefused("namespace", document);
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    InvalidModel refused = assertThrows(InvalidModel.class, () -> Comparison.interpret(bytes));
    assertTrue(
        refused.getMessage().contains("namespace is '" + namespace + "'"), refused::getMessage);
  }

  @Test
  void truncated_document_is_refused() {
    String whole = regression("", TABLE);
    for (int length = 0; length < whole.length(); length += 7) {
      refusal(whole.substring(0, length));
    }
  }

  private static ColumnBatch rows(Scorer scorer, double[] numbers, String... texts) {
    boolean[] present = new boolean[numbers.length];
    return ColumnBatch.builder(scorer.contract(), numbers.length)
        .add("a", new Column.Doubles(numbers, present))
        .add("c", new Column.Strings(texts, present))
        .build();
  }

  @Test
  void bad_value_spoils_its_own_row_only() {
    Scorer scorer = load(regression("", TABLE));
    double[] numbers = {1, Double.NaN, Double.POSITIVE_INFINITY, 1};
    ScoreResult result = scorer.score(rows(scorer, numbers, "red", "red", "red", "blue"));
    assertEquals(6d, result.columns().get(0).value(0));
    assertEquals(Double.POSITIVE_INFINITY, result.columns().get(0).value(2));
    assertEquals(List.of(1, 3), result.errors().stream().map(RowError::row).toList());
    assertEquals(List.of("a", "c"), result.errors().stream().map(RowError::field).toList());
    assertEquals(List.of("NaN", "blue"), result.errors().stream().map(RowError::value).toList());
  }

  @Test
  void category_of_a_megabyte_is_one_rows_error() {
    Scorer scorer = load(regression("", TABLE));
    String huge = "x".repeat(1 << 20);
    ScoreResult result = scorer.score(rows(scorer, new double[] {1, 1}, huge, "red"));
    assertEquals(1, result.errors().size());
    assertEquals("c", result.errors().get(0).field());
    assertEquals("x".repeat(64) + "… (1048576 characters)", result.errors().get(0).value());
    assertTrue(result.errors().get(0).message().length() < 600);
    assertEquals(6d, result.columns().get(0).value(1));
  }

  @Test
  void column_of_another_type_or_length_is_refused_by_name() {
    Scorer scorer = load(regression("", TABLE));
    ColumnBatch.Builder batch = ColumnBatch.builder(scorer.contract(), 2);
    boolean[] present = new boolean[2];
    InvalidInput type =
        assertThrows(
            InvalidInput.class, () -> batch.add("a", new Column.Longs(new long[2], present)));
    assertEquals("a", type.field());
    InvalidInput length =
        assertThrows(
            InvalidInput.class,
            () -> batch.add("a", new Column.Doubles(new double[1], new boolean[1])));
    assertEquals("a", length.field());
  }

  @Test
  void batch_for_another_model_is_refused() {
    Scorer scorer = load(regression("", TABLE));
    Scorer other = load(regression("", TABLE).replace("'red'", "'blue'"));
    ColumnBatch batch = rows(other, new double[] {1}, "blue");
    assertThrows(InvalidInput.class, () -> scorer.score(batch));
  }
}
