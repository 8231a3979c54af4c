package org.pillion.scoring.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.pmml.DocumentLimits;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/** Plans that are too much, or that contradict themselves. */
@Timeout(240)
final class HostilePlanTest {
  private static final Pattern TREE = Pattern.compile("<tree>.*?</tree>");

  private static String replaced(String name, String part, String replacement) {
    String document = Goldens.DOCUMENTS.get(name);
    String plan = Goldens.plan(document);
    String changed = Pattern.compile(part).matcher(plan).replaceFirst(replacement);
    assertNotEquals(plan, changed, () -> "nothing to replace: " + part);
    return Goldens.with(document, changed);
  }

  private static String refusal(String document) {
    ScoringException refused =
        assertThrows(ScoringException.class, () -> Goldens.compile(document));
    assertTrue(refused instanceof InvalidModel || refused instanceof UnsupportedElement);
    return refused.getMessage();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // numbers
        "logistic | intercept=\"[^\"]*\" | intercept=\"1e400\" | logisticRegression",
        "logistic | <values>\\S+ | <values>1e400 | values",
        "gbt_classifier | <threshold>\\S+ | <threshold>1e400 | threshold",
        "gbt_classifier | <feature>\\S+ | <feature>2147483648 | feature",
        "gbt_classifier | <left>\\S+ | <left>-2 | bad node",
        "gbt_classifier | <left>\\S+ | <left>0 | bad node",
        "gbt_classifier | <right>\\S+ | <right>99999 | bad node",
        "gbt_classifier | classes=\"2\" | classes=\"3\" | two",
        "forest_classifier | classes=\"[0-9]+\" | classes=\"2000000000\" | leaf values",
        "forest_classifier | classes=\"[0-9]+\" | classes=\"0\" | no classes",
        "categories_keep | size=\"[0-9]+\" /> | size=\"2000000000\" /> | 2000000000",
        // truncated arrays
        "logistic | <values>\\S+ | <values> | coefficients",
        "gbt_classifier | <threshold>\\S+ | <threshold> | differ in length",
        "gbt_classifier | <value>\\S+ | <value> | leaf values",
        "gbt_classifier | <weights>\\S+ | <weights> | weights",
        "perceptron | <weights>\\S+ | <weights> | weights",
        "multinomial_iris | <intercepts>\\S+ | <intercepts> | intercepts",
        "bucketizer_keep | (<column[^>]*>)[^<]*< | $1-1.0 0.0< | three splits",
        "bucketizer_keep | (<column[^>]*>)[^<]*< | $13.0 2.0 1.0< | ascend",
        "isotonic | <boundaries>\\S+ | <boundaries>1e300 | ascend",
        // names
        "logistic | features=\"[^\"]*\" | features=\"ghost\" | ghost",
        "logistic | features=\"[^\"]*\" | features=\"raw\" | raw",
        "logistic | (<input [^>]*/>) | $1$1 | twice",
        "logistic | (<output .*?/?>) | $1</output>$1 | ",
        "logistic | <input name=\"[^\"]*\" | <input name=\"ghost\" | ghost",
        "categories_keep | <v>([^<]*)</v> | <v>$1</v><v>$1</v> | twice",
        // what one stage needs of another
        "logistic | <vectorAssembler.*?</vectorAssembler> | <!-- --> | features",
        "sql_transformer | <column name=\"([^\"]*)\">.*?</column> | <column name=\"$1\"/> | column",
      })
  void contradiction_isRefusedByName(String name, String part, String replacement, String named) {
    String message = refusal(replaced(name, part, replacement));
    assertTrue(named == null || message.contains(named), message);
  }

  @Test
  void stageThatFeedsItself_isRefusedByName() {
    String document = Goldens.DOCUMENTS.get("vectors_of_vectors");
    Matcher assembler =
        Pattern.compile("<vectorAssembler [^>]*out=\"([^\"]*)\"[^>]*><column in=\"[^\"]*\"")
            .matcher(Goldens.plan(document));
    assertTrue(assembler.find());
    String own =
        assembler.group().replaceFirst("in=\"[^\"]*\"$", "in=\"" + assembler.group(1) + "\"");
    String cyclic = Goldens.with(document, Goldens.plan(document).replace(assembler.group(), own));
    assertTrue(refusal(cyclic).contains("'" + assembler.group(1) + "'"));
  }

  @Test
  void outputOfAFieldThatIsNotThere_isRefusedByName() {
    String document = Goldens.DOCUMENTS.get("logistic");
    String more = "<output field=\"ghost\" column=\"prediction\"/></plan>";
    String message =
        refusal(Goldens.with(document, Goldens.plan(document).replace("</plan>", more)));
    assertTrue(message.contains("'ghost'"), message);
  }

  @Test
  void hundredThousandTrees_score() {
    String document = Goldens.DOCUMENTS.get("gbt_regressor");
    String plan = Goldens.plan(document);
    Matcher tree = TREE.matcher(plan);
    assertTrue(tree.find());
    int trees = 100_000;
    String forest = tree.group().repeat(trees);
    int end = plan.lastIndexOf("</tree>") + "</tree>".length();
    String grown =
        (plan.substring(0, tree.start()) + forest + plan.substring(end))
            .replaceFirst("<weights>[^<]*", "<weights>" + "1.0 ".repeat(trees));
    Scorer scorer = Goldens.compile(Goldens.with(document, grown));
    ScoreResult result = scorer.score(Goldens.rows(scorer.contract(), 10, 1));
    assertEquals(10, result.rows());
  }

  @Test
  void treeOfAThousandLevels_scores() {
    int depth = 1_000;
    StringBuilder feature = new StringBuilder();
    StringBuilder threshold = new StringBuilder();
    StringBuilder left = new StringBuilder();
    StringBuilder right = new StringBuilder();
    StringBuilder value = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      feature.append("0 -1 ");
      threshold.append(-i).append(" 0 ");
      left.append(2 * i + 2).append(" -1 ");
      right.append(2 * i + 1).append(" -1 ");
      value.append(i).append(' ');
    }
    String tree =
        "<tree><feature>%s-1</feature><threshold>%s0</threshold><left>%s-1</left><right>%s-1</right><value>%s0</value></tree>"
            .formatted(feature, threshold, left, right, value);
    String document = replaced("tree_regressor", TREE.pattern(), tree);
    Scorer scorer = Goldens.compile(document);
    assertEquals(50, scorer.score(Goldens.rows(scorer.contract(), 50, 1)).rows());
  }

  @Test
  void nestingBeyondTheLimit_isRefused() {
    String plan = Goldens.plan(Goldens.DOCUMENTS.get("sql_transformer"));
    String nested = "<negate>".repeat(1_000) + "<ref name=\"x\"/>" + "</negate>".repeat(1_000);
    String deep =
        plan.replaceFirst("(<column name=\"[^\"]*\">).*?</column>", "$1" + nested + "</column>");
    assertNotEquals(plan, deep);
    String message = refusal(Goldens.with(Goldens.DOCUMENTS.get("sql_transformer"), deep));
    assertTrue(message.contains("nested more than 512 deep"), message);
  }

  @Test
  void planBeyondTheLimits_isRefused() {
    byte[] document = Goldens.DOCUMENTS.get("gbt_classifier").getBytes(StandardCharsets.UTF_8);
    for (DocumentLimits limits :
        new DocumentLimits[] {
          new DocumentLimits(1_000, 512, 20_000_000), new DocumentLimits(256 << 20, 512, 100)
        }) {
      InvalidModel refused =
          assertThrows(InvalidModel.class, () -> PlanCompiler.compile(document, limits));
      assertTrue(refused.getMessage().contains("more than"), refused::getMessage);
    }
  }
}
