package org.pillion.scoring.jpmml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

final class DocumentSafetyTest {
  private static final String TRACE = "pillion.test.payload";

  /** Loading it leaves a trace. */
  public static final class Payload {
    static {
      System.setProperty(TRACE, "loaded");
    }
  }

  @Test
  void load_doctype_isRefused() {
    String document =
        Documents.text("logistic.pmml")
            .replace(
                "<PMML ", "<!DOCTYPE PMML [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>\n<PMML ");

    assertTrue(refusal(document).contains("DOCTYPE"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 60, 500, 1500})
  void load_truncated_isRefused(int length) {
    refusal(Documents.text("logistic.pmml").substring(0, length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no xml", "<html/>", "<PMML/>", "{}"})
  void load_noModel_isRefused(String document) {
    refusal(document);
  }

  @Test
  void load_tooLong_isRefused() {
    JpmmlEngine engine = new JpmmlEngine(new DocumentLimits(100, 512, 1000));

    assertTrue(refusal(engine, Documents.text("tree.pmml")).contains("more than the 100 allowed"));
  }

  @Test
  void load_tooManyElements_isRefused() {
    JpmmlEngine engine = new JpmmlEngine(new DocumentLimits(1 << 20, 512, 10));

    assertTrue(refusal(engine, Documents.text("tree.pmml")).contains("more than 10 elements"));
  }

  @Test
  void load_tooDeep_isRefused() {
    String open = "<Node id=\"9\" score=\"1\"><True/>";
    String nodes = open.repeat(600) + "</Node>".repeat(600);
    String document = Documents.text("tree.pmml").replace("<True/>", "<True/>" + nodes);

    assertTrue(refusal(document).contains("nested more than 512 deep"));
  }

  @Test
  void load_functionThatNamesAClass_isRefusedAndTheClassIsNotLoaded() {
    String payload = DocumentSafetyTest.class.getName() + "$Payload";

    assertTrue(refusal(derived("<Apply function=\"" + payload + "\"/>")).contains(payload));
    assertNull(System.getProperty(TRACE));
  }

  @Test
  void load_functionOfTheDocument_isAccepted() {
    String document =
        withFunction(
            derived(
                "<Apply function=\"twice\"><Apply function=\"twice\"><FieldRef"
                    + " field=\"age\"/></Apply></Apply>"),
            "<Apply function=\"*\"><FieldRef field=\"v\"/><Constant>2</Constant></Apply>");

    assertEquals(List.of(), score(document).errors());
  }

  @Test
  void load_functionThatCallsItself_neverScoresAndNeverHangs() {
    String document =
        withFunction(
            derived("<Apply function=\"twice\"><FieldRef field=\"age\"/></Apply>"),
            "<Apply function=\"twice\"><FieldRef field=\"v\"/></Apply>");

    assertEquals(1, score(document).errors().size());
  }

  @Test
  void load_derivedFieldThatRefersToItself_neverScoresAndNeverHangs() {
    String document = derived("<FieldRef field=\"derived\"/>");

    assertEquals(1, score(document).errors().size());
  }

  @Test
  void load_undeclaredField_isRefusedByItsName() {
    String predictor =
        Documents.text("logistic.pmml")
            .replace("NumericPredictor name=\"age\"", "NumericPredictor name=\"height\"");
    String input =
        Documents.text("logistic.pmml")
            .replace("<DataField name=\"visits\" optype=\"continuous\" dataType=\"integer\"/>", "");

    assertTrue(refusal(predictor).contains("'height'"));
    assertTrue(refusal(input).contains("'visits'"));
  }

  @Test
  void load_extensions_areIgnored() {
    String extension =
        "<Extension name=\"order\"><anything xmlns=\"urn:x\"><PMML/></anything></Extension>";
    String document =
        Documents.text("logistic.pmml").replace("<Header/>", "<Header>" + extension + "</Header>");

    assertEquals(List.of(), score(document).errors());
  }

  /** The logistic regression over a derived field in the place of age. */
  private static String derived(String expression) {
    return Documents.text("logistic.pmml")
        .replace(
            "</MiningSchema>",
            "</MiningSchema><LocalTransformations><DerivedField name=\"derived\""
                + " optype=\"continuous\" dataType=\"double\">"
                + expression
                + "</DerivedField></LocalTransformations>")
        .replace("NumericPredictor name=\"age\"", "NumericPredictor name=\"derived\"")
        .replace("</Output><LocalTransformations>", "</Output>");
  }

  private static String withFunction(String document, String body) {
    return document.replace(
        "</DataDictionary>",
        "</DataDictionary><TransformationDictionary><DefineFunction name=\"twice\""
            + " optype=\"continuous\" dataType=\"double\"><ParameterField name=\"v\""
            + " optype=\"continuous\" dataType=\"double\"/>"
            + body
            + "</DefineFunction></TransformationDictionary>");
  }

  private static ScoreResult score(String document) {
    Scorer scorer = new JpmmlEngine().load(document.getBytes(StandardCharsets.UTF_8));
    boolean[] given = {false};
    return scorer.score(
        ColumnBatch.builder(scorer.contract(), 1)
            .add("color", new Column.Strings(new String[] {"red"}, given))
            .add("age", new Column.Doubles(new double[] {20}, given))
            .add("visits", new Column.Longs(new long[] {2}, given))
            .build());
  }

  private static String refusal(String document) {
    return refusal(new JpmmlEngine(), document);
  }

  private static String refusal(JpmmlEngine engine, String document) {
    byte[] pmml = document.getBytes(StandardCharsets.UTF_8);
    return assertThrows(InvalidModel.class, () -> engine.load(pmml)).getMessage();
  }
}
