package org.pillion.scoring.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.spark.blas.Blas;

/** The engine computes with the BLAS and the lanes that the plan records. */
final class RecordedLanesTest {
  private static final String DOCUMENT = Goldens.DOCUMENTS.get("linear_regression");
  private static final int ROWS = 400;

  private static String recorded(String blas, int lanes) {
    String changed =
        DOCUMENT
            .replaceFirst(" blas=\"[^\"]*\"", " blas=\"" + blas + "\"")
            .replaceFirst(" lanes=\"[^\"]*\"", " lanes=\"" + lanes + "\"");
    assertTrue(
        changed.contains("blas=\"" + blas + "\"") && changed.contains("lanes=\"" + lanes + "\""));
    return changed;
  }

  private static List<Object> predictions(String document) {
    Scorer scorer = Goldens.compile(document);
    ColumnBatch batch = Goldens.rows(scorer.contract(), ROWS, 7);
    ScoreResult result = scorer.score(batch);
    List<Object> values = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      values.add(result.columns().get(0).value(row));
    }
    return values;
  }

  @Test
  void pillionsOwnSessions_recordTwoLanes() {
    assertTrue(Goldens.plan(DOCUMENT).contains("blas=\"VectorBLAS\""));
    assertEquals(predictions(recorded("VectorBLAS", 2)), predictions(DOCUMENT));
  }

  @ParameterizedTest
  @CsvSource({"VectorBLAS,1", "VectorBLAS,4", "VectorBLAS,8", "Java11BLAS,1", "Java8BLAS,1"})
  void anotherWidth_isAnotherOrderOfTheSameSum(String blas, int lanes) {
    List<Object> actual = predictions(recorded(blas, lanes));
    assertNotEquals(predictions(DOCUMENT), actual);
    assertEquals(byHand(Blas.of(blas, lanes)), actual);
  }

  /** Assembled columns, all without zeros, times the coefficients, then the intercept. */
  private static List<Object> byHand(Blas blas) {
    double[] coefficients = numbers("<values>([^<]*)</values>");
    double intercept = numbers("intercept=\"([^\"]*)\"")[0];
    Scorer scorer = Goldens.compile(DOCUMENT);
    ColumnBatch batch = Goldens.rows(scorer.contract(), ROWS, 7);
    ScoreResult result = scorer.score(batch);
    List<String> columns =
        Pattern.compile("<column in=\"([^\"]*)\"")
            .matcher(Goldens.plan(DOCUMENT))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertEquals(coefficients.length, columns.size());
    List<Object> values = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      if (result.columns().get(0).value(row) == null) {
        values.add(null);
        continue;
      }
      double[] x = new double[columns.size()];
      int nonZeros = 0;
      for (int i = 0; i < x.length; i++) {
        Column column = batch.column(scorer.contract().inputPositions().get(columns.get(i)));
        x[i] = ((Number) column.value(row)).doubleValue();
        nonZeros += x[i] == 0 ? 0 : 1;
      }
      boolean sparse = 12 * nonZeros + numbers("sparse-overhead=\"([^\"]*)\"")[0] < 8 * x.length;
      double sum = 0.0;
      for (int i = 0; sparse && i < x.length; i++) {
        sum += x[i] == 0 ? 0.0 : x[i] * coefficients[i];
      }
      values.add((sparse ? sum : blas.dot(x.length, x, 0, coefficients, 0)) + intercept);
    }
    return values;
  }

  private static double[] numbers(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(Goldens.plan(DOCUMENT));
    assertTrue(matcher.find(), pattern);
    String[] tokens = matcher.group(1).split(" ");
    double[] values = new double[tokens.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Double.parseDouble(tokens[i]);
    }
    return values;
  }
}
