package org.pillion.recommender;

import java.util.List;

/**
 * What a rung has found.
 *
 * @param source the rung
 * @param items ids, best first
 * @param scores of each item; null where the rung has none
 * @param created when what it rests on was published, in seconds since 1970 UTC
 * @param reason why the answer is not all that it could be; null where it is
 * @param model which gave it; null where none did
 * @param version the model's
 * @param engine the model's; null where it is not known
 */
record RungResult(
    Source source,
    List<Object> items,
    List<Double> scores,
    double created,
    String reason,
    String model,
    long version,
    String engine) {
  static RungResult of(Source source, List<Object> items, double created, String reason) {
    return new RungResult(source, items, null, created, reason, null, 0, null);
  }
}
