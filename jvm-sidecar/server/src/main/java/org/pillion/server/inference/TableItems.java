package org.pillion.server.inference;

import java.util.Map;
import org.pillion.features.FeatureItems;
import org.pillion.scoring.Column;
import org.pillion.scoring.ItemTable;

/**
 * A table whose items a model ranks.
 *
 * @param table the items
 * @param columns what they give the model, by input
 * @param version the feature version that they are of; null for the model's own
 */
public record TableItems(ItemTable table, Map<String, Column> columns, FeatureItems version) {
  /** The feature version; 0 for the model's own items. */
  public long featureVersion() {
    return version == null ? 0 : version.version();
  }
}
