package org.pillion.scoring.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/** The outputs of a binomial generalised linear model that Spark has no column for. */
final class BinomialMeanTest {
  @ParameterizedTest
  @ValueSource(strings = {"glm_binomial_logit", "glm_binomial_probit", "glm_binomial_cloglog"})
  void otherOutputs_areMadeOfTheMean(String name) {
    Scorer scorer = Goldens.compile(Goldens.DOCUMENTS.get(name));
    ScoreResult result = scorer.score(Goldens.rows(scorer.contract(), 300, 5));
    Map<String, Column> columns = new HashMap<>();
    for (int i = 0; i < result.columns().size(); i++) {
      columns.put(scorer.contract().outputs().get(i).name(), result.columns().get(i));
    }
    int[] labels = new int[2];
    for (int row = 0; row < 300; row++) {
      Double mean = (Double) columns.get("probability(1)").value(row);
      if (mean == null) {
        assertEquals(null, columns.get("prediction").value(row));
        continue;
      }
      int label = mean > 0.5 ? 1 : 0;
      labels[label]++;
      assertEquals(1.0 - mean, columns.get("probability(0)").value(row));
      assertEquals((double) label, columns.get("prediction").value(row));
      Object target = columns.get("label").value(row);
      assertEquals(label, Double.parseDouble(target.toString()));
    }
    assertTrue(labels[0] > 0 && labels[1] > 0, "only one label came out");
  }

  @Test
  void threeClasses_haveNoMean() {
    String document = Goldens.DOCUMENTS.get("glm_binomial_logit");
    String plan = Goldens.plan(document).replaceFirst("<v>1</v>", "<v>1</v><v>2</v>");
    InvalidModel refused =
        assertThrows(InvalidModel.class, () -> Goldens.compile(Goldens.with(document, plan)));
    assertTrue(refused.getMessage().contains("two"), refused::getMessage);
  }
}
