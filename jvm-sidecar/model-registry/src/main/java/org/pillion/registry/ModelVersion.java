package org.pillion.registry;

import java.util.Map;
import java.util.Optional;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.Scorer;

/**
 * A version that was verified and can serve.
 *
 * <p>A version that is swapped out is not closed, since requests in flight finish on the version
 * they began with; the collector frees it afterwards.
 *
 * @param id the version
 * @param scorer the loaded document
 * @param ranking how its outputs become items in order, or empty for a model that ranks nothing
 * @param items the items that a request may name, or empty where they are always described
 * @param sources where inputs come from when served, {@code user}, {@code item} or {@code online};
 *     of those that the manifest says it of
 * @param document what it was loaded from, whatever the repository has by now
 * @param sample a row of its verification set, or empty where it has none
 */
public record ModelVersion(
    VersionId id,
    Scorer scorer,
    Optional<Ranking> ranking,
    Optional<ItemTable> items,
    Map<String, String> sources,
    Document document,
    Optional<ColumnBatch> sample) {
  /** Whether a table is the version's own. */
  public boolean owns(ItemTable table) {
    return items.filter(own -> own == table).isPresent();
  }
}
