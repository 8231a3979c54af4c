package org.pillion.registry;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/** Scores a verification set and compares every value with the expected one. */
final class Verifier {
  private final Agreement agreement;
  private final Set<Integer> explained;

  /**
   * A verifier.
   *
   * @param agreement how close every value must come
   * @param explained rows for which PMML's own rules give another result than the training system;
   *     an engine with the training system's arithmetic must reproduce them all the same
   */
  Verifier(Agreement agreement, Set<Integer> explained) {
    this.agreement = agreement;
    this.explained = agreement == Agreement.EXACT ? Set.of() : explained;
  }

  void verify(Scorer scorer, VerificationSet verification) throws VersionRefused {
    ScoreResult result = scorer.score(verification.batch());
    Map<Integer, RowError> errors = new HashMap<>();
    result.errors().forEach(error -> errors.put(error.row(), error));
    requireEvidence(verification);
    for (int row = 0; row < verification.rows(); row++) {
      if (explained.contains(row)) {
        continue;
      }
      Map<?, ?> expected = verification.expected().get(row);
      RowError error = errors.get(row);
      if (expected == null) {
        requireError(row, error);
      } else if (error != null) {
        throw new VersionRefused(
            "verification row " + row + " cannot be scored: " + error.message());
      } else {
        verifyRow(row, expected, result, verification);
      }
    }
  }

  /** Refuses a set of which most rows are explained. */
  private void requireEvidence(VerificationSet verification) throws VersionRefused {
    long left = explained.stream().filter(row -> row < verification.rows()).count();
    if (2 * left > verification.rows()) {
      throw new VersionRefused(
          "the manifest explains away %d of %d verification rows"
              .formatted(left, verification.rows()));
    }
  }

  /** The interpreter applies PMML's rules for bad values, which may accept more than Spark's. */
  private void requireError(int row, RowError error) throws VersionRefused {
    if (error == null && agreement == Agreement.EXACT) {
      throw new VersionRefused(
          "verification row " + row + " was scored, but the training system refused it");
    }
  }

  private void verifyRow(
      int row, Map<?, ?> expected, ScoreResult result, VerificationSet verification)
      throws VersionRefused {
    for (int i = 0; i < result.fields().size(); i++) {
      OutputField field = result.fields().get(i);
      if (verification.outputs().contains(field.name())) {
        String where = "verification row " + row + ", output '" + field.name() + "'";
        Object wanted = TypedJson.value(expected.get(field.name()), field.type(), where);
        Object actual = result.columns().get(i).value(row);
        if (!agreement.holds(wanted, actual)) {
          throw new VersionRefused(where + ": expected " + wanted + " but got " + actual);
        }
      }
    }
  }
}
