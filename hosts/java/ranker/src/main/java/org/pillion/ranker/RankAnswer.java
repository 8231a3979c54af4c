package org.pillion.ranker;

import java.util.List;
import java.util.Optional;
import org.pillion.scoring.RowError;

/**
 * Items in order: by falling score, and by rising item where scores are equal.
 *
 * @param model the model
 * @param version the version that scored
 * @param engine the engine that evaluated it; empty where it is not known
 * @param items {@code Long} or {@code String}, best first; the numbers of the candidates, from 0,
 *     where the request does not name what it describes
 * @param scores the items' scores, one each
 * @param candidates how many candidates were ranked
 * @param unscored how many of them have no score: missing, NaN, or a row that cannot be scored
 * @param featureVersion whose items they are; 0 where they are of none
 * @param seenShare the share of all items that a first phase looked at in its time; null where
 *     there was none
 * @param errors the candidates that cannot be scored, in their order
 */
public record RankAnswer(
    String model,
    long version,
    String engine,
    List<Object> items,
    List<Double> scores,
    int candidates,
    int unscored,
    long featureVersion,
    Double seenShare,
    List<RowError> errors) {
  public RankAnswer {
    items = List.copyOf(items);
    scores = List.copyOf(scores);
    errors = List.copyOf(errors);
  }

  /**
   * Why there are no items: {@code no_candidates} where there was none to rank, {@code no_scores}
   * where none has a score. Empty where there are some.
   */
  public Optional<String> reason() {
    if (!items.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(candidates == 0 ? "no_candidates" : "no_scores");
  }
}
