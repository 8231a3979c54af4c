package org.pillion.recommender;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who wants items, and what the request says of itself.
 *
 * @param userId a {@code Long} from 0, or a {@code String} of 1 to 200 characters
 * @param k how many items; null for the default
 * @param candidates items to choose from; null for the popular ones
 * @param context the request's own fields by name
 * @param model the model; null for the default
 * @param requestId what the caller calls it
 * @param deadline time that the answer may take; null for the default, which is the most
 */
public record RecommendRequest(
    Object userId,
    Integer k,
    List<?> candidates,
    Map<String, ?> context,
    String model,
    String requestId,
    Duration deadline) {
  public RecommendRequest {
    candidates = candidates == null ? null : List.copyOf(candidates);
    context = Collections.unmodifiableMap(new LinkedHashMap<>(context));
  }

  /** A request of a user for so many items. */
  public static RecommendRequest of(Object userId, int k, Map<String, ?> context) {
    return new RecommendRequest(userId, k, null, context, null, "", null);
  }
}
