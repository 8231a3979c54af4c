package org.pillion.embedded;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.RankedClasses;
import org.pillion.registry.Ranking;
import org.pillion.registry.Ranking.ByClass;
import org.pillion.registry.Ranking.ByScore;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.RankBuilder;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.Shortlist;
import org.pillion.scoring.TieOrder;

/** Ranks a request by one version, on the calling thread. */
final class RequestRanking {
  /** What is scored between two looks at the clock: a millisecond or two of a large model. */
  private static final int BLOCK_ROWS = 1_024;

  private final ModelVersion model;
  private final RankRequest request;
  private final Deadline deadline;

  RequestRanking(ModelVersion model, RankRequest request, Deadline deadline) {
    this.model = model;
    this.request = request;
    this.deadline = deadline;
  }

  /**
   * Ranks.
   *
   * @throws InvalidRequest when the request does not go with the model's ranking
   */
  RankAnswer answer(BoundItems items) {
    Ranking rule =
        model
            .ranking()
            .orElseThrow(() -> invalid("model", "ranks nothing: its manifest has no ranking"));
    if (rule instanceof ByClass classes) {
      return byClass(classes);
    }
    String output = ((ByScore) rule).output();
    if (request.ids() != null) {
      return named(output, items.find(model, request.featureVersion()));
    }
    if (request.firstPhase() != null) {
      return picked(output, items.find(model, request.featureVersion()));
    }
    if (request.candidates() == null) {
      throw invalid("candidates", "ranks candidates: give them by 'ids' or describe them");
    }
    return described(output);
  }

  private RankAnswer byClass(ByClass rule) {
    if (request.candidates() != null) {
      throw invalid("candidates", "has its items for classes, so it takes a context alone");
    }
    Set<Object> allowed = request.ids() == null ? null : new HashSet<>(request.ids());
    Set<Object> excluded = new HashSet<>(request.excluded());
    RankedClasses best =
        RankedClasses.of(
            model.scorer().score(Inputs.context(contract(), request)),
            rule,
            request.k(),
            item -> (allowed == null || allowed.contains(item)) && !excluded.contains(item));
    return answer(List.copyOf(best.items()), best.result(), best.candidates(), 0, null);
  }

  private RankAnswer named(String output, BoundItems.Items items) {
    ItemTable table = items.table();
    Set<Object> excluded = new HashSet<>(request.excluded());
    List<?> ids = request.ids();
    int[] rows = new int[ids.size()];
    int count = 0;
    for (int i = 0; i < rows.length; i++) {
      Object id = ids.get(i);
      int row = table.row(id);
      if (row < 0) {
        throw new InvalidRequest("ids", unknown(i, id, table), null);
      }
      if (!excluded.contains(id)) {
        rows[count++] = row;
      }
    }
    return ranked(output, items, IntStream.of(rows).limit(count).toArray(), null);
  }

  private RankAnswer picked(String output, BoundItems.Items items) {
    Set<Integer> excluded = new HashSet<>();
    request.excluded().forEach(id -> excluded.add(items.table().row(id)));
    Shortlist shortlist = items.vectors().pick(request, excluded::contains, deadline);
    return ranked(output, items, shortlist.rows(), shortlist.share());
  }

  private RankAnswer ranked(String output, BoundItems.Items items, int[] wanted, Double seenShare) {
    List<?> names = request.names();
    IntFunction<Object> id =
        i -> i < wanted.length ? items.table().id(wanted[i]) : names.get(i - wanted.length);
    // The table's rows are in the order of their ids.
    TieOrder ties =
        names == null
            ? (a, b) -> Integer.compare(wanted[a], wanted[b])
            : (a, b) -> compare(id.apply(a), id.apply(b));
    RankResult result =
        best(
            Inputs.named(contract(), request, items.resident(), wanted),
            new RankRule(output, request.k(), ties));
    List<Object> best = IntStream.of(result.rows()).mapToObj(id).toList();
    return answer(best, result, wanted.length + request.described(), items.version(), seenShare);
  }

  private static String unknown(int index, Object id, ItemTable table) {
    if (id instanceof String != (table.idType() == FieldType.STRING)) {
      return "'ids', index %d: items are named by %s, not %s"
          .formatted(
              index,
              table.idType() == FieldType.STRING ? "String" : "Long",
              id.getClass().getSimpleName());
    }
    return "'ids', index %d: there is no item %s in memory".formatted(index, id);
  }

  private RankAnswer described(String output) {
    int rows = request.described();
    List<?> names = request.names();
    TieOrder ties =
        names == null ? TieOrder.POSITION : (a, b) -> compare(names.get(a), names.get(b));
    RankResult result =
        best(Inputs.described(contract(), request, rows), new RankRule(output, request.k(), ties));
    List<Object> best = new ArrayList<>();
    for (int row : result.rows()) {
      best.add(names == null ? (Object) (long) row : names.get(row));
    }
    return answer(best, result, rows, 0, null);
  }

  /** Rising items: numbers by their value, texts by their code points. */
  private static int compare(Object left, Object right) {
    return left instanceof Long number
        ? Long.compare(number, (Long) right)
        : ItemTable.compare((String) left, (String) right);
  }

  private RankResult best(CandidateBatch batch, RankRule rule) {
    if (batch.rows() <= BLOCK_ROWS) {
      return model.scorer().rank(batch, rule);
    }
    RankBuilder best = new RankBuilder(rule, batch.rows());
    for (int start = 0; start < batch.rows(); start += BLOCK_ROWS) {
      deadline.check();
      int end = Math.min(batch.rows(), start + BLOCK_ROWS);
      best.add(model.scorer().rank(batch.slice(start, end), rule.from(start)), start);
    }
    return best.build();
  }

  private RankAnswer answer(
      List<Object> items,
      RankResult result,
      int candidates,
      long featureVersion,
      Double seenShare) {
    List<Double> scores = new ArrayList<>(result.scores().length);
    for (double score : result.scores()) {
      scores.add(score);
    }
    return new RankAnswer(
        model.id().model(),
        model.id().version(),
        model.scorer().engine(),
        items,
        scores,
        candidates,
        result.unscored(),
        featureVersion,
        seenShare,
        result.errors());
  }

  private FeatureContract contract() {
    return model.scorer().contract();
  }

  private InvalidRequest invalid(String field, String why) {
    return new InvalidRequest(
        field,
        "version %d of the model '%s' %s".formatted(model.id().version(), model.id().model(), why),
        null);
  }
}
