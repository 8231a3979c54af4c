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
 */
public record UserSide(Map<String, Object> features, Set<Object> seen, List<Object> batch) {
  /** A user of whom nothing is known. */
  public static final UserSide NOBODY = new UserSide(null, Set.of(), null);
}
