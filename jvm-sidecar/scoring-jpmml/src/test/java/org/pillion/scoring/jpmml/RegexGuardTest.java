package org.pillion.scoring.jpmml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.scoring.InvalidModel;

final class RegexGuardTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "(a+)+$ false",
        "(a|aa)* false",
        "((a+)b)+ false",
        "(x(a*)y){2,} false",
        "(a)\\1 false",
        "\\s+ true",
        "[(+*|)]+ true",
        "(ab)+ true",
        "(a+)? true",
        "(a|b)c* true",
        "\\(a+\\)+ true",
        "[^a-z0-9]+ true",
      })
  void isBounded_repetitionWithinRepetition_isNot(String pattern, boolean bounded) {
    assertEquals(bounded, RegexGuard.isBounded(pattern));
  }

  @Test
  void load_documentWithAPatternThatBlowsUp_isRefused() {
    String good = Documents.text("logistic.pmml");
    String derived =
        "</MiningSchema><LocalTransformations><DerivedField name=\"d\" optype=\"categorical\""
            + " dataType=\"string\"><Apply function=\"replace\"><FieldRef field=\"color\"/>"
            + "<Constant dataType=\"string\">(a+)+$</Constant>"
            + "<Constant dataType=\"string\">b</Constant></Apply></DerivedField>"
            + "</LocalTransformations>";
    byte[] pmml = good.replace("</MiningSchema>", derived).getBytes(StandardCharsets.UTF_8);

    InvalidModel refusal = assertThrows(InvalidModel.class, () -> new JpmmlEngine().load(pmml));

    assertTrue(refusal.getMessage().contains("may take for ever"), refusal.getMessage());
  }
}
