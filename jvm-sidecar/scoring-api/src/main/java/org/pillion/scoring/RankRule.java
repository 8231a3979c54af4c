package org.pillion.scoring;

import java.util.Objects;

/**
 * What makes a candidate a better one than another.
 *
 * @param output name of the output that is the score; a higher one is better
 * @param k how many candidates are wanted, at most; 0 or more
 * @param ties the order of candidates with equal scores
 */
public record RankRule(String output, int k, TieOrder ties) {
  public RankRule {
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(ties, "ties");
    if (k < 0) {
      throw new InvalidInput("the number of wanted candidates is negative: " + k);
    }
  }

  /** The rule for candidates of the batch from a position on, by their positions among those. */
  public RankRule from(int first) {
    return new RankRule(output, k, (a, b) -> ties.compare(first + a, first + b));
  }
}
