package org.pillion.server.inference;

import java.util.function.LongFunction;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.limits.Deadline;

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

  /**
   * The request of what a transport has read.
   *
   * @param rows has the inputs
   * @param items names of the candidates that the request describes; null for none
   * @param tables finds the items of a feature version, 0 for none
   * @param deadline until when a first phase may take its time
   * @throws InvalidInput naming what does not fit the model
   */
  public static RankRequest of(
      InferRequestBuilder rows,
      int k,
      Column items,
      NamedItems named,
      LongFunction<TableItems> tables,
      Deadline deadline,
      boolean explain) {
    if (!named.any()) {
      CandidateNames names = items == null ? null : CandidateNames.of(items);
      return new RankRequest(rows.build(), k, names, named, 0, explain);
    }
    TableItems table = tables.apply(named.featureVersion());
    CandidateNames names = rows.candidates(table, named, items, deadline);
    return new RankRequest(rows.build(), k, names, named, table.featureVersion(), explain);
  }

  public RankRequest {
    if (explain && k > MAX_EXPLAINED) {
      throw new InvalidInput(
          "'k' is %d, but with 'explain' at most %d items are returned"
              .formatted(k, MAX_EXPLAINED));
    }
  }
}
