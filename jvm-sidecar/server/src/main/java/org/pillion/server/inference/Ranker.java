package org.pillion.server.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.Ranking;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.TieOrder;
import org.pillion.server.errors.RequestException;

/** Ranks a request's candidates by the rule of the model's manifest. */
public final class Ranker {
  /**
   * The best items of a request.
   *
   * @param items {@code Long} or {@code String}, best first
   * @param result the engine's ranking; for a model whose classes are the items, of its classes
   * @param outputs per item, the output that is its score
   */
  record Best(List<Object> items, RankResult result, List<String> outputs) {}

  /** A ranked item while it is sorted and written, its name not counted. */
  private static final int ITEM_BYTES = 256;

  private Ranker() {}

  /**
   * Scores and ranks.
   *
   * @param memory what the request may take
   * @throws InvalidInput when the request does not fit the model's ranking
   */
  static Best rank(
      ModelVersion model, RankRequest request, BlockScorer blocks, MemoryBudget memory) {
    return ranking(model) instanceof Ranking.ByScore rule
        ? byScore(model, request, rule, blocks, memory)
        : byClass(model, request, (Ranking.ByClass) ranking(model));
  }

  /**
   * The rule of a model.
   *
   * @throws RequestException when it has none
   */
  public static Ranking ranking(ModelVersion model) {
    return model
        .ranking()
        .orElseThrow(
            () ->
                new RequestException(
                    RequestException.Kind.INVALID,
                    "version %d of the model '%s' ranks nothing: its manifest has no ranking"
                        .formatted(model.id().version(), model.id().model())));
  }

  private static Best byScore(
      ModelVersion model,
      RankRequest request,
      Ranking.ByScore rule,
      BlockScorer blocks,
      MemoryBudget memory) {
    CandidateBatch batch = request.rows().batch();
    Column items = request.items();
    if (items != null && items.rows() != batch.rows()) {
      throw new InvalidInput(
          "'items' has %d values, but there are %d candidates"
              .formatted(items.rows(), batch.rows()));
    }
    position(model, rule.output());
    TieOrder ties = items == null ? TieOrder.POSITION : order(items);
    int most = Math.min(request.k(), batch.rows());
    memory.take((long) most * ITEM_BYTES);
    RankResult result =
        blocks.rank(model.scorer(), batch, new RankRule(rule.output(), request.k(), ties), memory);
    List<Object> best =
        Arrays.stream(result.rows())
            .mapToObj(row -> items == null ? (Object) (long) row : items.value(row))
            .toList();
    return new Best(best, result, Collections.nCopies(best.size(), rule.output()));
  }

  /** Rising items: numbers by their value, texts as Java orders them. */
  private static TieOrder order(Column items) {
    if (items instanceof Column.Longs numbers) {
      return (a, b) -> Long.compare(numbers.values()[a], numbers.values()[b]);
    }
    String[] texts = ((Column.Strings) items).values();
    return (a, b) -> texts[a].compareTo(texts[b]);
  }

  private static Best byClass(ModelVersion model, RankRequest request, Ranking.ByClass rule) {
    if (request.rows().batch().rows() != 1) {
      throw new InvalidInput(
          "the model's classes are its items, so it takes a context without candidates");
    }
    Set<Object> allowed = null;
    if (request.items() != null) {
      allowed = new HashSet<>();
      for (int i = 0; i < request.items().rows(); i++) {
        allowed.add(request.items().value(i));
      }
    }
    ScoreResult scored = model.scorer().score(request.rows().batch());
    List<Long> items = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    double[] scores = new double[rule.items().size()];
    for (Map.Entry<String, Long> entry : rule.items().entrySet()) {
      if (allowed == null || allowed.contains(entry.getValue())) {
        Column column = scored.columns().get(position(model, entry.getKey()));
        scores[items.size()] =
            column.value(0) instanceof Number number ? number.doubleValue() : Double.NaN;
        items.add(entry.getValue());
        outputs.add(entry.getKey());
      }
    }
    RankResult result =
        RankResult.of(
            Arrays.copyOf(scores, items.size()),
            request.k(),
            (a, b) -> Long.compare(items.get(a), items.get(b)),
            scored.errors());
    return new Best(
        Arrays.stream(result.rows()).mapToObj(row -> (Object) items.get(row)).toList(),
        result,
        Arrays.stream(result.rows()).mapToObj(outputs::get).toList());
  }

  private static int position(ModelVersion model, String output) {
    List<String> names =
        model.scorer().contract().outputs().stream().map(OutputField::name).toList();
    int position = names.indexOf(output);
    if (position < 0) {
      throw new RequestException(
          RequestException.Kind.INTERNAL,
          "the manifest ranks by '" + output + "', which is no output");
    }
    return position;
  }
}
