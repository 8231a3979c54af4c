package org.pillion.recommender;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pillion.features.BatchAnswers;
import org.pillion.features.Snapshot;

/** The rungs that answer from memory. */
final class Fallback {
  private Fallback() {}

  /**
   * The answer of the best rung that has one; without items where none has.
   *
   * @param reason why the rungs above have none
   */
  static RungResult answer(PreparedRequest request, Findings findings, String reason) {
    Snapshot snapshot = request.snapshot();
    List<Object> ahead = ComputedAhead.items(request, findings);
    if (!ahead.isEmpty()) {
      BatchAnswers batch = snapshot.batch().orElseThrow();
      return new RungResult(
          Source.BATCH, ahead, null, batch.created(), reason, batch.model(), batch.version(), null);
    }
    if (request.segment() != null) {
      List<Object> items = first(request, findings, snapshot.popular(request.segment()));
      if (!items.isEmpty()) {
        return RungResult.of(Source.SEGMENT, items, snapshot.created(), reason);
      }
    }
    Set<Object> items =
        new LinkedHashSet<>(first(request, findings, snapshot.popular(Snapshot.GLOBAL)));
    if (request.candidates() != null) {
      for (Object item : request.candidates()) {
        if (items.size() < request.k() && !findings.user.seen().contains(item)) {
          items.add(item);
        }
      }
    }
    return RungResult.of(Source.POPULAR, new ArrayList<>(items), snapshot.created(), reason);
  }

  /** The first items of a list, less those seen and those that were not asked for. */
  static List<Object> first(PreparedRequest request, Findings findings, List<Object> list) {
    Set<Object> allowed = allowed(request);
    return list.stream()
        .filter(item -> !findings.user.seen().contains(item))
        .filter(item -> allowed == null || allowed.contains(item))
        .limit(request.k())
        .toList();
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
