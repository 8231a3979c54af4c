package org.pillion.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.ItemTable;

/** Reads the items of one feature version from the store. */
final class VersionReader {
  /** Items that are asked for in one trip: some megabytes. */
  private static final int WINDOW = 16_384;

  private final StoreConnection store;
  private final long version;

  VersionReader(StoreConnection store, long version) {
    this.store = store;
    this.version = version;
  }

  /**
   * Reads the items.
   *
   * @param meta what describes the version
   * @throws StoreException when the store fails, or a part of the version is not what was written
   * @throws ItemMemory.Exceeded when they take more memory than they may
   */
  FeatureItems read(VersionMeta meta, ItemMemory memory) throws StoreException {
    return read(meta, memory, null).items();
  }

  /**
   * What a host takes of a version.
   *
   * @param items the items
   * @param names the items' ids by number, where they are texts; else null
   * @param popularity numbers of items by falling count, by segment, those without a record too
   */
  record Contents(FeatureItems items, String[] names, Map<String, long[]> popularity) {}

  /**
   * Reads the items, and their titles.
   *
   * @param titles gets the title of each item, by its row; null where nobody wants them
   */
  Contents read(VersionMeta meta, ItemMemory memory, List<String> titles) throws StoreException {
    long start = System.nanoTime();
    List<byte[]> found =
        store
            .read(List.of(List.of(Keys.itemIds(version)), List.of(Keys.itemNames(version))))
            .stream()
            .map(values -> values.get(0))
            .toList();
    if (found.get(0) == null) {
      throw new StoreException(
          "the store names feature version " + version + ", but does not have its items");
    }
    long[] numbers = PackedIds.unpack(found.get(0), meta.idWidth());
    Arrays.sort(numbers);
    FieldType type = found.get(1) == null ? FieldType.INTEGER : FieldType.STRING;
    ItemTable.Builder table =
        new ItemTable.Builder(type, meta.items().features(), numbers.length, memory);
    String[] names = found.get(1) == null ? null : VersionMeta.names(found.get(1), version);
    readRecords(numbers, names, new ItemRecords(meta.items(), titles), table);
    ItemTable built = table.build();
    Map<String, long[]> lists = readPopularity(meta.segments(), memory);
    Map<String, int[]> popularity = new LinkedHashMap<>();
    for (Map.Entry<String, long[]> list : lists.entrySet()) {
      popularity.put(list.getKey(), rows(list.getValue(), names, built));
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    return new Contents(
        new FeatureItems(version, meta.created(), built, popularity, millis), names, lists);
  }

  /** Adds the items that the store has; it may have lost some. */
  private void readRecords(
      long[] numbers, String[] names, ItemRecords records, ItemTable.Builder table)
      throws StoreException {
    for (int from = 0; from < numbers.length; from += WINDOW) {
      int to = Math.min(numbers.length, from + WINDOW);
      byte[][] window = readWindow(numbers, from, to);
      for (int i = from; i < to; i++) {
        byte[] record = window[i - from];
        if (record != null) {
          table.add(id(numbers[i], names));
          records.read(record, numbers[i], table);
        }
      }
    }
  }

  private static Object id(long number, String[] names) throws StoreException {
    if (names == null) {
      return number;
    }
    if (number < 0 || number >= names.length) {
      throw new StoreException("the dictionary of items lacks item number " + number);
    }
    return names[(int) number];
  }

  /** The records of some items, those with one hash tag in one command. */
  private byte[][] readWindow(long[] numbers, int from, int to) throws StoreException {
    Map<Integer, List<Integer>> tags = new LinkedHashMap<>();
    for (int i = from; i < to; i++) {
      tags.computeIfAbsent(Keys.tag(numbers[i]), tag -> new ArrayList<>()).add(i);
    }
    List<List<String>> groups = new ArrayList<>();
    for (List<Integer> tag : tags.values()) {
      groups.add(tag.stream().map(i -> Keys.item(version, numbers[i])).toList());
    }
    byte[][] records = new byte[to - from][];
    List<List<byte[]>> values = store.read(groups);
    int group = 0;
    for (List<Integer> tag : tags.values()) {
      List<byte[]> found = values.get(group++);
      for (int i = 0; i < found.size(); i++) {
        records[tag.get(i) - from] = found.get(i);
      }
    }
    return records;
  }

  private Map<String, long[]> readPopularity(List<String> segments, ItemMemory memory)
      throws StoreException {
    List<String> lists = new ArrayList<>(segments);
    lists.add(0, Keys.GLOBAL);
    List<List<String>> keys =
        lists.stream().map(name -> List.of(Keys.popularity(version, name))).toList();
    List<List<byte[]>> values = store.read(keys);
    Map<String, long[]> popularity = new LinkedHashMap<>();
    for (int i = 0; i < lists.size(); i++) {
      byte[] packed = values.get(i).get(0);
      if (packed != null) {
        long[] items = PackedIds.popular(packed);
        memory.take((long) Integer.BYTES * items.length);
        popularity.put(lists.get(i), items);
      }
    }
    if (!popularity.containsKey(Keys.GLOBAL)) {
      throw new StoreException("feature version " + version + " has no global popularity list");
    }
    return popularity;
  }

  /** The rows of the items that have any: others have no features, and cannot be ranked. */
  private static int[] rows(long[] numbers, String[] names, ItemTable table) throws StoreException {
    int[] rows = new int[numbers.length];
    int count = 0;
    for (long number : numbers) {
      int row = table.row(id(number, names));
      if (row >= 0) {
        rows[count++] = row;
      }
    }
    return Arrays.copyOf(rows, count);
  }
}
