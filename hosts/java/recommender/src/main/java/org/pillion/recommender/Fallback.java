package org.pillion.recommender;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pillion.features.BatchAnswers;
import org.pillion.features.Snapshot;

/** The rungs that answer from memory. */
final class Fallback {
  private static final String GLOBAL = "global";

  private Fallback() {}

  /**
   * The answer of the best rung that has one; without items where none has.
   *
   * @param reason why the rungs above have none
   */
  static RungResult answer(PreparedRequest request, Findings findings, String reason) {
    Snapshot snapshot = request.snapshot();
    List<Object> ahead = ahead(request, findings);
    Optional<BatchAnswers> run = snapshot.batch();
    if (run.isPresent() && !ahead.isEmpty()) {
      BatchAnswers batch = run.get();
      return new RungResult(
          Source.BATCH, ahead, null, batch.created(), reason, batch.model(), batch.version(), null);
    }
    if (request.segment() != null) {
      List<Object> items = popular(request, findings, request.segment());
      if (!items.isEmpty()) {
        return RungResult.of(Source.SEGMENT, items, snapshot.created(), reason);
      }
    }
    Set<Object> items = new LinkedHashSet<>(popular(request, findings, GLOBAL));
    if (request.candidates() != null) {
      for (Object item : request.candidates()) {
        if (items.size() < request.k() && !findings.user.seen().contains(item)) {
          items.add(item);
        }
      }
    }
    return RungResult.of(Source.POPULAR, new ArrayList<>(items), snapshot.created(), reason);
  }

  /** The user's items computed ahead, less those seen since and those that were not asked for. */
  private static List<Object> ahead(PreparedRequest request, Findings findings) {
    List<Object> items = new ArrayList<>();
    if (findings.user.batch() != null) {
      Set<Object> allowed = allowed(request);
      for (Object item : findings.user.batch()) {
        if (items.size() < request.k()
            && !findings.user.seen().contains(item)
            && (allowed == null || allowed.contains(item))) {
          items.add(item);
        }
      }
    }
    return items;
  }

  private static List<Object> popular(PreparedRequest request, Findings findings, String list) {
    Set<Object> allowed = allowed(request);
    List<Object> items = new ArrayList<>();
    for (Object item : request.snapshot().popular(list)) {
      if (items.size() >= request.k()) {
        break;
      }
      if (!findings.user.seen().contains(item) && (allowed == null || allowed.contains(item))) {
        items.add(item);
      }
    }
    return items;
  }

  /** Every candidate given, those without features too; null where none were given. */
  private static Set<Object> allowed(PreparedRequest request) {
    if (request.candidates() == null) {
      return null;
    }
    Set<Object> allowed = new LinkedHashSet<>(request.candidates());
    allowed.addAll(request.unknown());
    return allowed;
  }
}
