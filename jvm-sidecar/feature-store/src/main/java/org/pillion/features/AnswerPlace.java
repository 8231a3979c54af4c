package org.pillion.features;

import java.util.ArrayList;
import java.util.List;

/**
 * Where batch answers are, and what their items are called.
 *
 * @param version of the features that they were computed from
 * @param userBuckets over how many buckets its users are spread whose ids are texts; else 0
 * @param idWidth bytes of an item's number in its lists
 * @param names its items' ids by number, where they are texts; else null
 */
record AnswerPlace(long version, int userBuckets, int idWidth, String[] names) {
  /** The ids of packed items. */
  List<Object> ids(byte[] packed) throws StoreException {
    return ids(PackedIds.unpack(packed, idWidth));
  }

  List<Object> ids(long[] numbers) throws StoreException {
    List<Object> ids = new ArrayList<>(numbers.length);
    for (long number : numbers) {
      if (names != null && (number < 0 || number >= names.length)) {
        throw new StoreException("the dictionary of items lacks item number " + number);
      }
      ids.add(names == null ? (Object) number : names[(int) number]);
    }
    return ids;
  }
}
