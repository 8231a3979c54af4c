package org.pillion.features;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the store knows of a user.
 *
 * @param features by name, null is missing; null for a user that the store does not know
 * @param seen ids of the items that the user has seen
 * @param batch ids of the items that were computed ahead, best first; null where there are none
 * @param items what the store has of items that the snapshot lacks, by id: features and title by
 *     name, null is missing
 */
public record UserSide(
    Map<String, Object> features,
    Set<Object> seen,
    List<Object> batch,
    Map<Object, Map<String, Object>> items) {
  /** A user of whom nothing is known. */
  public static final UserSide NOBODY = new UserSide(null, Set.of(), null, Map.of());

  /** The title of an item that the snapshot lacks; null where it has none. */
  public String title(Object item) {
    return (String) items.getOrDefault(item, Map.of()).get(ItemSchema.TITLE);
  }
}
