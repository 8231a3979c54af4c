package org.pillion.embedded;

import java.util.Optional;
import org.pillion.scoring.ItemTable;

/** Items of feature versions that are in memory, for requests that name candidates by their ids. */
@FunctionalInterface
public interface ItemSource {
  /** No items beside those that a model brings itself. */
  ItemSource NONE = version -> Optional.empty();

  /**
   * Items of a feature version.
   *
   * @param version the feature version
   * @param table its items
   */
  record Items(long version, ItemTable table) {}

  /**
   * The items of a feature version.
   *
   * @param version its number, or 0 for the active one
   * @return empty where they are not in memory
   */
  Optional<Items> find(long version);
}
