package org.pillion.differential;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.InputField;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/** A document under both engines. */
record Comparison(Scorer interpreter, Scorer compiled) {
  private static final Engines ENGINES = Engines.installed();

  static Comparison load(byte[] document) {
    return new Comparison(ENGINES.load("jpmml", document), ENGINES.load("compiled", document));
  }

  static Scorer compile(byte[] document) {
    return ENGINES.load("compiled", document);
  }

  static Scorer interpret(byte[] document) {
    return ENGINES.load("jpmml", document);
  }

  /** What differs, row by row; bits count, and which rows are refused for which field. */
  List<String> differences(RandomRows rows) {
    ColumnBatch batch = rows.batch(interpreter.contract());
    ScoreResult expected = interpreter.score(batch);
    ScoreResult actual = compiled.score(batch);
    Map<Integer, RowError> expectedErrors = errors(expected);
    Map<Integer, RowError> actualErrors = errors(actual);
    List<String> differences = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      String difference =
          difference(row, expected, actual, expectedErrors.get(row), actualErrors.get(row));
      if (difference != null) {
        differences.add(difference + " for " + describe(batch, row));
      }
    }
    return differences;
  }

  private static Map<Integer, RowError> errors(ScoreResult result) {
    Map<Integer, RowError> errors = new HashMap<>();
    for (RowError error : result.errors()) {
      errors.put(error.row(), error);
    }
    return errors;
  }

  private static String difference(
      int row,
      ScoreResult expected,
      ScoreResult actual,
      RowError expectedError,
      RowError actualError) {
    if (expectedError != null || actualError != null) {
      boolean same =
          expectedError != null
              && actualError != null
              && Objects.equals(expectedError.field(), actualError.field())
              && Objects.equals(expectedError.value(), actualError.value());
      return same ? null : "%s instead of %s".formatted(actualError, expectedError);
    }
    for (int i = 0; i < expected.columns().size(); i++) {
      Object left = expected.columns().get(i).value(row);
      Object right = actual.columns().get(i).value(row);
      if (!same(left, right)) {
        return "%s is %s instead of %s".formatted(expected.fields().get(i).name(), right, left);
      }
    }
    return null;
  }

  /** Equality of bits, with one NaN for all, and -0 apart from 0. */
  private static boolean same(Object left, Object right) {
    return Objects.equals(left, right);
  }

  private static String describe(ColumnBatch batch, int row) {
    List<String> values = new ArrayList<>();
    List<InputField> inputs = batch.contract().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      values.add(inputs.get(i).name() + "=" + batch.column(i).value(row));
    }
    return values.toString();
  }
}
