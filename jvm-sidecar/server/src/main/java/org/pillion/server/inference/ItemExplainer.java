package org.pillion.server.inference;

import java.util.ArrayList;
import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.Ranking;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.Scorer;
import org.pillion.server.errors.RequestException;

/** Explains the score of each item of a ranking. */
final class ItemExplainer {
  private ItemExplainer() {}

  /**
   * The items' explanations, in their order.
   *
   * @throws RequestException when the model's scores are not split
   */
  static List<Explanation> explain(ModelVersion model, RankRequest request, Ranker.Best best) {
    CandidateBatch batch = request.rows().batch();
    Scorer scorer = model.scorer();
    try {
      if (Ranker.ranking(model) instanceof Ranking.ByScore rule) {
        return scorer.explain(batch.take(best.result().rows()), rule.output());
      }
      List<Explanation> explanations = new ArrayList<>();
      for (String output : best.outputs()) {
        explanations.addAll(scorer.explain(batch.expand(), output));
      }
      return explanations;
    } catch (NotExplained e) {
      throw new RequestException(
          RequestException.Kind.INVALID,
          "'explain' is not offered for version %d of the model '%s': %s"
              .formatted(model.id().version(), model.id().model(), e.getMessage()));
    }
  }
}
