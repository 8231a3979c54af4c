package org.pillion.features;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** The names of what the online store keeps of a feature version. */
final class Keys {
  /** The version in use. */
  static final String ACTIVE = "active";

  /** The version of the last run of batch inference. */
  static final String BATCH = "batch";

  /** The popularity list of everybody. */
  static final String GLOBAL = "global";

  /** Over how many hash tags the items are spread. */
  private static final int ITEM_TAGS = 64;

  /** A bucket holds 2^5 users whose ids are whole numbers. */
  private static final int BUCKET_BITS = 5;

  private Keys() {}

  /**
   * Where a user is: the number of a bucket, and the field in its hashes.
   *
   * @param bucket the bucket
   * @param field the field
   */
  record Place(long bucket, String field) {}

  /**
   * The place of a user.
   *
   * @param user a {@code Long} from 0, or a {@code String}
   * @param buckets how many there are, where ids are texts
   */
  static Place place(Object user, int buckets) {
    if (user instanceof String text) {
      CRC32 crc = new CRC32();
      crc.update(text.getBytes(StandardCharsets.UTF_8));
      return new Place(crc.getValue() % buckets, text);
    }
    long id = (Long) user;
    return new Place(id >> BUCKET_BITS, Long.toString(id & (1 << BUCKET_BITS) - 1));
  }

  /** Users' features, a field a user. */
  static String users(long version, long bucket) {
    return "u" + version + ":{" + bucket + "}";
  }

  /** What users have seen, likewise. */
  static String seen(long version, long bucket) {
    return "s" + version + ":{" + bucket + "}";
  }

  /** A run's batch answers, likewise. */
  static String batchAnswers(long version, long run, long bucket) {
    return "r" + version + "." + run + ":{" + bucket + "}";
  }

  /** JSON that describes a version's batch answers. */
  static String batch(long version) {
    return "batch" + version;
  }

  /** JSON that describes a version. */
  static String meta(long version) {
    return "meta" + version;
  }

  /** The numbers of all items. */
  static String itemIds(long version) {
    return "ids" + version;
  }

  /** The ids of items by number, where they are texts. */
  static String itemNames(long version) {
    return "names" + version;
  }

  /** Features of an item. */
  static String item(long version, long number) {
    return "i" + version + ":{" + tag(number) + "}:" + number;
  }

  /** The hash tag of an item: keys with one tag are on one node of a cluster. */
  static int tag(long number) {
    return (int) Long.remainderUnsigned(number, ITEM_TAGS);
  }

  /** Popular items of a segment, or of everybody, with their counts. */
  static String popularity(long version, String segment) {
    return "pop" + version + ":" + segment;
  }
}
