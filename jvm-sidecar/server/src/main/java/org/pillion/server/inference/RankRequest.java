package org.pillion.server.inference;

import org.pillion.scoring.InvalidInput;

/**
 * A request to rank.
 *
 * @param rows what to score: the context with each candidate
 * @param k how many items are wanted, at most
 * @param names what the candidates are called; null for their row numbers, or, where the model's
 *     classes are the items, for all of them
 * @param named which items of a table the candidates are, and which are left out
 * @param featureVersion whose items they are; 0 for none
 * @param explain whether each returned item's score is to be split over the model's inputs
 */
public record RankRequest(
    InferRequest rows,
    int k,
    CandidateNames names,
    NamedItems named,
    long featureVersion,
    boolean explain) {
  /** The most items of which each is explained. */
  static final int MAX_EXPLAINED = 100;

  public RankRequest {
    if (explain && k > MAX_EXPLAINED) {
      throw new InvalidInput(
          "'k' is %d, but with 'explain' at most %d items are returned"
              .formatted(k, MAX_EXPLAINED));
    }
  }
}
