package org.pillion.ranker;

import java.util.Map;
import org.pillion.scoring.FeatureContract;

/**
 * What the serving version of a model takes and returns.
 *
 * @param version the version
 * @param fields its inputs and outputs
 * @param sources where inputs come from, {@code user}, {@code item} or {@code online}, by name; of
 *     those that the version says it of
 * @param ranksClasses whether its classes are its items, so that it takes a context alone
 */
public record ModelContract(
    long version, FeatureContract fields, Map<String, String> sources, boolean ranksClasses) {
  public ModelContract {
    sources = Map.copyOf(sources);
  }
}
