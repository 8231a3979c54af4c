package org.pillion.recommender;

import java.util.List;
import java.util.Map;
import org.pillion.features.Snapshot;
import org.pillion.ranker.Deadline;

/**
 * A request that passed the checks, as every rung gets it.
 *
 * @param request as it came
 * @param k how many items are wanted
 * @param model the model to ask
 * @param snapshot the feature version to answer with
 * @param online the request's own values
 * @param segment the most telling segment that has a popularity list; null where none has
 * @param candidates those given that have features in memory, without doubles; null where none were
 *     given
 * @param unknown those given that have none there
 * @param deadline the request's time, less what the fallback needs
 * @param start a reading of {@link System#nanoTime}
 * @param now seconds since 1970 UTC
 */
record PreparedRequest(
    RecommendRequest request,
    int k,
    String model,
    Snapshot snapshot,
    Map<String, Object> online,
    String segment,
    List<Object> candidates,
    List<Object> unknown,
    Deadline deadline,
    long start,
    double now) {}
