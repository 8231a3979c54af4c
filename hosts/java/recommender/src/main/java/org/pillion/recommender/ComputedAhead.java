package org.pillion.recommender;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.pillion.features.BatchAnswers;
import org.pillion.features.Snapshot;
import org.pillion.ranker.ModelContract;
import org.pillion.scoring.InputField;

/** The user's answer that was computed ahead. */
final class ComputedAhead {
  /** The reason of an answer that came before asking the model. */
  static final String REASON = "computed_ahead";

  private ComputedAhead() {}

  /** The first of its items, less those seen since and those that were not asked for. */
  static List<Object> items(PreparedRequest request, Findings findings) {
    List<Object> computed = findings.user.batch();
    return computed == null || request.snapshot().batch().isEmpty()
        ? List.of()
        : Fallback.first(request, findings, computed);
  }

  /**
   * Whether a request is answered by what was computed ahead, though the model could be asked.
   *
   * <p>With the mode {@code auto} it is where the planner says so, and the model would be given
   * what the run was given: each value of the request that the model takes, the same segment, the
   * same versions of model and features, no candidates of the request's own.
   *
   * @param online whether an input of the model, by its name, is one that a request gives
   */
  static boolean comesFirst(
      Serving serving,
      PreparedRequest request,
      Findings findings,
      ModelContract contract,
      Predicate<String> online) {
    Snapshot snapshot = request.snapshot();
    Optional<BatchAnswers> run = snapshot.batch();
    if (serving.mode() == Serving.Mode.ONLINE
        || run.isEmpty()
        || !run.get().model().equals(request.model())
        || request.now() - run.get().created() > serving.maxAge().toSeconds()) {
      return false;
    }
    int left = items(request, findings).size();
    if (serving.mode() == Serving.Mode.BATCH) {
      return left > 0;
    }
    BatchAnswers.Assumed assumed = run.get().assumed();
    return assumed != null
        && assumed.verdict().equals("batch")
        && run.get().version() == contract.version()
        && snapshot.answersAreOwn()
        && request.candidates() == null
        && left == request.k()
        && Objects.equals(request.segment(), assumed.segment())
        && contract.fields().inputs().stream()
            .map(InputField::name)
            .filter(online)
            .allMatch(name -> same(request.online().get(name), assumed.online().get(name)));
  }

  /** Whether two values are one; numbers by what they are worth. */
  private static boolean same(Object left, Object right) {
    return left instanceof Number a && right instanceof Number b
        ? a.doubleValue() == b.doubleValue() && a.longValue() == b.longValue()
        : Objects.equals(left, right);
  }
}
