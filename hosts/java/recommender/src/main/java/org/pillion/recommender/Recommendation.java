package org.pillion.recommender;

import java.util.List;

/**
 * An answer, best item first, with where it came from and why.
 *
 * @param requestId the request's
 * @param userId the request's
 * @param items may be empty
 * @param source the rung that gave it
 * @param reason why it is not an online answer about a known user, or is empty; null for none
 * @param model which gave it; null where none did
 * @param version the model's; 0 where none did
 * @param engine the model's; null where it is not known
 * @param featureAgeSeconds seconds since what it rests on was published; null where that is nothing
 * @param unknownItems candidates that the store does not know
 * @param seenItems how many candidates were left out because the user has seen them
 * @param unscoredItems how many candidates the model gave no score
 * @param seenShare the share of all items that a first phase looked at; null where there was none
 * @param deadlineLeftMillis time that was left of the request's deadline; below zero past it
 * @param timings where the time went
 */
public record Recommendation(
    String requestId,
    Object userId,
    List<ScoredItem> items,
    Source source,
    String reason,
    String model,
    long version,
    String engine,
    Double featureAgeSeconds,
    List<Object> unknownItems,
    int seenItems,
    int unscoredItems,
    Double seenShare,
    double deadlineLeftMillis,
    Timings timings) {
  public Recommendation {
    items = List.copyOf(items);
    unknownItems = List.copyOf(unknownItems);
  }
}
