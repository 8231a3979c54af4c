package org.pillion.scoring;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds the best candidates of a batch that is scored in parts. */
public final class RankBuilder {
  private final RankRule rule;
  private final TopK best;
  private final List<RowError> errors = new ArrayList<>();
  private int unscored;

  /**
   * No candidates yet.
   *
   * @param candidates how many there will be
   */
  public RankBuilder(RankRule rule, int candidates) {
    this.rule = rule;
    this.best = new TopK(Math.min(rule.k(), candidates), rule.ties());
  }

  /**
   * Adds candidates.
   *
   * @param part their scores, in the output that the rule names
   * @param rows their positions in the batch
   * @throws InvalidInput when the part has no such output
   */
  public void add(ScoreResult part, int[] rows) {
    double[] scores = RankResult.scores(part, rule);
    for (int i = 0; i < scores.length; i++) {
      add(rows[i], scores[i]);
    }
    for (RowError error : part.errors()) {
      errors.add(error.at(rows[error.row()]));
    }
  }

  /**
   * Adds the best of candidates that are next to each other.
   *
   * @param part their ranking, by the same rule
   * @param first the position in the batch of the first of them
   */
  public void add(RankResult part, int first) {
    for (int i = 0; i < part.rows().length; i++) {
      add(first + part.rows()[i], part.scores()[i]);
    }
    unscored += part.unscored();
    for (RowError error : part.errors()) {
      errors.add(error.at(first + error.row()));
    }
  }

  /** Adds a candidate; NaN stands for no score. */
  void add(int row, double score) {
    if (Double.isNaN(score)) {
      unscored++;
    } else if (score >= best.least() && best.wants(row, score)) {
      best.add(row, score);
    }
  }

  /** The best of all that were added. */
  public RankResult build() {
    TopK.Sorted sorted = best.sorted();
    errors.sort(Comparator.comparingInt(RowError::row));
    return new RankResult(sorted.rows(), sorted.scores(), unscored, errors);
  }
}
