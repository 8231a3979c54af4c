package org.pillion.features;

/** The names of what the online store keeps of a feature version's items. */
final class Keys {
  /** The version in use. */
  static final String ACTIVE = "active";

  /** The popularity list of everybody. */
  static final String GLOBAL = "global";

  /** Over how many hash tags the items are spread. */
  private static final int ITEM_TAGS = 64;

  private Keys() {}

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
