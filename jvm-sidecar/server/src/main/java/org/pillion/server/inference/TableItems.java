package org.pillion.server.inference;

import org.pillion.features.FeatureItems;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.ResidentItems;

/**
 * A table whose items a model ranks.
 *
 * @param table the items
 * @param items the same for the model: its inputs, and what it computed of them
 * @param vectors those of the items that a first phase goes by
 * @param version the feature version that they are of; null for the model's own
 */
public record TableItems(
    ItemTable table, ResidentItems items, ItemVectors vectors, FeatureItems version) {
  /** The feature version; 0 for the model's own items. */
  public long featureVersion() {
    return version == null ? 0 : version.version();
  }

  /** Whether the items give an input of the model. */
  public boolean has(String input) {
    return items.columns().has(items.columns().contract().inputPositions().get(input));
  }

  /** What an item takes of the heap, in bytes: its features, and what the model keeps of it. */
  public long bytesPerItem() {
    return (table.bytes() + items.bytes() + vectors.bytes()) / Math.max(1, table.rows());
  }
}
