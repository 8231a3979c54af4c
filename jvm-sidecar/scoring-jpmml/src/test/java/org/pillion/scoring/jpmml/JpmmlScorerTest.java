package org.pillion.scoring.jpmml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

final class JpmmlScorerTest {
  private static final Scorer LOGISTIC = new JpmmlEngine().load(Documents.bytes("logistic.pmml"));
  private static final Scorer TREE = new JpmmlEngine().load(Documents.bytes("tree.pmml"));

  @Test
  void contract_logistic_isThatOfTheDocument() {
    FeatureContract contract = LOGISTIC.contract();

    assertEquals(
        List.of("color", "age", "visits"), contract.inputs().stream().map(f -> f.name()).toList());
    assertEquals(List.of("red", "green", "blue"), contract.inputs().get(0).values());
    assertEquals(OperationalType.CATEGORICAL, contract.inputs().get(0).operationalType());
    assertEquals(40.0, contract.inputs().get(1).missingReplacement());
    assertEquals(FieldType.INTEGER, contract.inputs().get(2).type());
    assertEquals(
        List.of(
            new OutputField("label", FieldType.INTEGER, OutputKind.TARGET, null),
            new OutputField("prediction", FieldType.DOUBLE, OutputKind.PREDICTION, null),
            new OutputField("probability(0)", FieldType.DOUBLE, OutputKind.PROBABILITY, "0"),
            new OutputField("probability(1)", FieldType.DOUBLE, OutputKind.PROBABILITY, "1")),
        contract.outputs());
  }

  @Test
  void score_logistic_isTheLogisticFunctionOfTheMargin() {
    ScoreResult result = logistic(row("red", 30.0, 2L));
    double margin = 0.03 * 30.0 + 0.25 * 2 + 0.7 - 1.5;
    double expected = 1 / (1 + Math.exp(-margin));

    assertEquals(1L, value(result, "label", 0));
    assertEquals(1.0, value(result, "prediction", 0));
    assertEquals(expected, (double) value(result, "probability(1)", 0), 1e-15);
    assertEquals(1 - expected, (double) value(result, "probability(0)", 0), 1e-15);
  }

  @Test
  void score_missingWithReplacement_isScoredAsTheReplacement() {
    ScoreResult result = logistic(row("blue", null, 3L), row("blue", 40.0, 3L));

    assertEquals(List.of(), result.errors());
    assertEquals(value(result, "probability(1)", 1), value(result, "probability(1)", 0));
  }

  @Test
  void score_unseenCategory_isAnErrorOfItsRowOnly() {
    ScoreResult alone = logistic(row("red", 30.0, 2L), row("green", 1.0, 1L));
    ScoreResult result =
        logistic(row("red", 30.0, 2L), row("purple", 3.0, 2L), row("green", 1.0, 1L));

    assertEquals(
        List.of(
            new RowError(
                1, "color", "purple", "the field 'color' does not accept the value 'purple'")),
        result.errors());
    for (Column column : result.columns()) {
      assertEquals(null, column.value(1));
    }
    assertEquals(value(alone, "probability(1)", 0), value(result, "probability(1)", 0));
    assertEquals(value(alone, "probability(1)", 1), value(result, "probability(1)", 2));
  }

  @Test
  void score_integerBeyondPmmlsRange_isARowError() {
    ScoreResult result = logistic(row("red", 1.0, 1L << 40));

    assertEquals("visits", result.errors().get(0).field());
    assertEquals("1099511627776", result.errors().get(0).value());
  }

  @Test
  void score_nan_isInvalidWhereTheDocumentRefusesInvalidValues() {
    assertEquals("age", logistic(row("red", Double.NaN, 1L)).errors().get(0).field());
  }

  @Test
  void score_tree_keepsSpecialValues() {
    ScoreResult result =
        tree(
            row(Double.NEGATIVE_INFINITY, true),
            row(Double.POSITIVE_INFINITY, true),
            row(-0.0, null),
            row(Double.MAX_VALUE, false),
            row(0.75, null));

    assertEquals(List.of(), result.errors());
    assertEquals(List.of(-2.5, 10.25, -2.5, 1e-300, 10.25), values(result, "price"));
    // JPMML itself takes the sign off a negative zero as soon as it is given one.
    assertEquals(
        Arrays.asList(
            Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0.0, Double.MAX_VALUE, 0.75),
        values(result, "x again"));
  }

  @Test
  void score_nanAndMissing_stayApart() {
    ScoreResult result = tree(row(Double.NaN, true), row(null, true));

    assertEquals(Arrays.asList(Double.NaN, null), values(result, "x again"));
  }

  @Test
  void score_noRows_isAnEmptyResult() {
    assertEquals(0, logistic().rows());
  }

  @Test
  void score_batchOfAnotherModel_isInvalidInput() {
    ColumnBatch batch = batch(TREE, Collections.nCopies(1, row(1.0, true)));

    assertThrows(InvalidInput.class, () -> LOGISTIC.score(batch));
  }

  @Test
  void score_manyThreads_allSeeTheSameResults() throws Exception {
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      rows.add(row(i % 3 == 0 ? "red" : "blue", i / 7.0, (long) i));
    }
    List<Object> expected = values(LOGISTIC.score(batch(LOGISTIC, rows)), "probability(1)");
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<List<Object>>> futures = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        futures.add(
            threads.submit(() -> values(LOGISTIC.score(batch(LOGISTIC, rows)), "probability(1)")));
      }
      for (Future<List<Object>> future : futures) {
        assertEquals(expected, future.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<Object> values(ScoreResult result, String output) {
    List<Object> values = new ArrayList<>();
    for (int row = 0; row < result.rows(); row++) {
      values.add(value(result, output, row));
    }
    return values;
  }

  private static Object[] row(Object... values) {
    return values;
  }

  private static ScoreResult logistic(Object[]... rows) {
    return LOGISTIC.score(batch(LOGISTIC, Arrays.asList(rows)));
  }

  private static ScoreResult tree(Object[]... rows) {
    return TREE.score(batch(TREE, Arrays.asList(rows)));
  }

  private static ColumnBatch batch(Scorer scorer, List<Object[]> rows) {
    FeatureContract contract = scorer.contract();
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows.size());
    for (int i = 0; i < contract.inputs().size(); i++) {
      InputField field = contract.inputs().get(i);
      ColumnBuilder column = new ColumnBuilder(field.name(), field.type());
      for (Object[] row : rows) {
        column.addBoxed(row[i]);
      }
      batch.add(field.name(), column.build());
    }
    return batch.build();
  }

  private static Object value(ScoreResult result, String output, int row) {
    List<String> names = result.fields().stream().map(OutputField::name).toList();
    return result.columns().get(names.indexOf(output)).value(row);
  }
}
