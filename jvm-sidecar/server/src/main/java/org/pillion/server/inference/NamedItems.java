package org.pillion.server.inference;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.pillion.features.FeatureItems;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.text.Truncated;

/**
 * The items of a table that a request names.
 *
 * @param ids their ids; null where a list names them
 * @param list {@value #CATALOG} for all items, or a popularity list of the feature version; null
 *     where ids name them
 * @param most how many of the list, at most; 0 for all
 * @param excluded ids of items that are left out, whether the table has them or not; null for none
 * @param featureVersion whose items they are; 0 for the active one, or for the model's own
 * @param firstPhase what picks items in place of the list, for users who have a vector; null for
 *     nothing
 */
public record NamedItems(
    Column ids,
    String list,
    int most,
    Column excluded,
    long featureVersion,
    FirstPhase firstPhase) {
  /** The list of all items. */
  public static final String CATALOG = "*";

  public NamedItems {
    if (ids != null && list != null) {
      throw new InvalidInput("the request names items by 'item_ids' and by 'list'");
    }
    if (firstPhase != null && (list == null || most == 0)) {
      throw new InvalidInput("'user_vector' and 'item_vector' need 'list' and 'list_size'");
    }
    if (most < 0 || featureVersion < 0) {
      throw new InvalidInput(
          "'%s' is negative".formatted(most < 0 ? "list_size" : "feature_version"));
    }
  }

  /** Whether there are any. */
  public boolean any() {
    return ids != null || list != null;
  }

  /** Whether these rows are all that the table has, in their order. */
  boolean areAll(int[] rows, TableItems items) {
    return CATALOG.equals(list) && rows.length == items.table().rows();
  }

  /** The rows of the table that are left out. */
  BitSet without(TableItems items) {
    BitSet without = new BitSet();
    for (int i = 0; excluded != null && i < excluded.rows(); i++) {
      int row = items.table().row(excluded.value(i));
      if (row >= 0) {
        without.set(row);
      }
    }
    return without;
  }

  /** The rows of the table, those excluded left out. */
  int[] rows(TableItems items) {
    BitSet without = without(items);
    if (ids != null) {
      return IntStream.of(items.table().rows(ids)).filter(row -> !without.get(row)).toArray();
    }
    int count = most == 0 ? Integer.MAX_VALUE : most;
    if (list.equals(CATALOG)) {
      return IntStream.range(0, items.table().rows())
          .filter(row -> !without.get(row))
          .limit(count)
          .toArray();
    }
    FeatureItems version = items.version();
    if (version == null) {
      throw new InvalidInput(
          "'list' is '%s', but the model's own item table has no list but '%s'"
              .formatted(Truncated.of(list), CATALOG));
    }
    if (!version.lists().contains(list)) {
      throw new InvalidInput(
          "feature version %d has no popularity list '%s'"
              .formatted(version.version(), Truncated.of(list)));
    }
    return version.popular(list, without, count);
  }
}
