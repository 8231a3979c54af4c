package org.pillion.server.inference;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.RankedClasses;
import org.pillion.registry.Ranking;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
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
   * @param candidates how many items were ranked
   */
  record Best(List<Object> items, RankResult result, List<String> outputs, int candidates) {
    /** Why there is no item, in the words that hosts have for it; null where there are some. */
    String reason() {
      if (!items.isEmpty()) {
        return null;
      }
      return candidates == 0 ? "no_candidates" : "no_scores";
    }
  }

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
    CandidateNames names = request.names();
    if (names != null && names.count() != batch.rows()) {
      throw new InvalidInput(
          "'items' has %d values, but there are %d candidates"
              .formatted(names.count(), batch.rows()));
    }
    if (request.named().excluded() != null && !request.named().any()) {
      throw new InvalidInput(
          "'exclude' leaves out items that are named by 'item_ids' or 'list', and there are none");
    }
    position(model, rule.output());
    TieOrder ties = names == null ? TieOrder.POSITION : names.ties();
    int most = Math.min(request.k(), batch.rows());
    memory.take((long) most * ITEM_BYTES);
    RankResult result =
        blocks.rank(model.scorer(), batch, new RankRule(rule.output(), request.k(), ties), memory);
    List<Object> best =
        names == null
            ? Arrays.stream(result.rows()).mapToObj(row -> (Object) (long) row).toList()
            : List.of(names.names(result.rows()));
    return new Best(best, result, Collections.nCopies(best.size(), rule.output()), batch.rows());
  }

  private static Best byClass(ModelVersion model, RankRequest request, Ranking.ByClass rule) {
    if (request.rows().batch().rows() != 1) {
      throw new InvalidInput(
          "the model's classes are its items, so it takes a context without candidates");
    }
    if (request.named().any()) {
      throw new InvalidInput(
          "the model's classes are its items: 'items' says which of them may be returned");
    }
    Set<Object> allowed = request.names() == null ? null : request.names().all();
    Set<Object> excluded = values(request.named().excluded());
    RankedClasses best =
        RankedClasses.of(
            model.scorer().score(request.rows().batch()),
            rule,
            request.k(),
            item -> (allowed == null || allowed.contains(item)) && !excluded.contains(item));
    return new Best(List.copyOf(best.items()), best.result(), best.outputs(), best.candidates());
  }

  private static Set<Object> values(Column items) {
    Set<Object> values = new HashSet<>();
    for (int i = 0; items != null && i < items.rows(); i++) {
      values.add(items.value(i));
    }
    return values;
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
