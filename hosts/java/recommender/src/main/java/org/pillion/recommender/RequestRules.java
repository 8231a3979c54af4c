package org.pillion.recommender;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.pillion.ranker.InvalidRequest;

/**
 * What a request may ask for.
 *
 * @param k how many items a request gets that does not say it
 * @param maxK how many at most
 * @param maxCandidates how many candidates it may give
 * @param textUsers whether users' ids are texts; else they are whole numbers
 * @param textItems whether items' ids are texts; else they are whole numbers
 */
record RequestRules(int k, int maxK, int maxCandidates, boolean textUsers, boolean textItems) {
  private static final int LONGEST_ID = 200;

  /**
   * Refuses what is no id of a user.
   *
   * @throws InvalidRequest when it is none
   */
  void requireUser(Object id) {
    requireId("user_id", id, textUsers);
  }

  /**
   * How many items a request gets.
   *
   * @param asked what it says; null for nothing
   * @throws InvalidRequest when that is none, or too many
   */
  int k(Integer asked) {
    int count = asked == null ? k : asked;
    require(
        count >= 1 && count <= maxK,
        "k",
        "the field 'k' must be a whole number from 1 to %d, not %d",
        maxK,
        count);
    return count;
  }

  /**
   * The candidates without doubles; null where none were given.
   *
   * @throws InvalidRequest when they are too many, or one is no id
   */
  List<Object> candidates(List<?> given) {
    if (given == null) {
      return null;
    }
    require(
        given.size() <= maxCandidates,
        "candidates",
        "the field 'candidates' has %d items, but %d are the most",
        given.size(),
        maxCandidates);
    given.forEach(item -> requireId("candidates", item, textItems));
    return new ArrayList<>(new LinkedHashSet<>(given));
  }

  private static void requireId(String field, Object id, boolean text) {
    boolean fits =
        text
            ? id instanceof String name
                && !name.isEmpty()
                && name.codePointCount(0, name.length()) <= LONGEST_ID
            : id instanceof Long number && number >= 0;
    require(
        fits,
        field,
        "the field '%s' must be %s, not %s",
        field,
        text ? "text of 1 to " + LONGEST_ID + " characters" : "a whole number from 0",
        id);
  }

  /** Formats the message only where it is needed, since each id of a request is looked at. */
  static void require(boolean holds, String field, String message, Object... values) {
    if (!holds) {
      throw new InvalidRequest(field, message.formatted(values), null);
    }
  }
}
