package org.pillion.features;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.ItemTable;

/** The items of one feature version, and the lists that a request can name. */
public final class FeatureItems {
  private final long version;
  private final double created;
  private final ItemTable table;
  private final Map<String, int[]> popularity;
  private final long loadMillis;

  /**
   * A version's items.
   *
   * @param popularity rows by falling count, by segment
   */
  FeatureItems(
      long version,
      double created,
      ItemTable table,
      Map<String, int[]> popularity,
      long loadMillis) {
    this.version = version;
    this.created = created;
    this.table = table;
    this.popularity = popularity;
    this.loadMillis = loadMillis;
  }

  /** The feature version. */
  public long version() {
    return version;
  }

  /** When it was published, in seconds since 1970 UTC. */
  public double created() {
    return created;
  }

  /** The items. */
  public ItemTable table() {
    return table;
  }

  /** How long it took to load, in milliseconds. */
  public long loadMillis() {
    return loadMillis;
  }

  /** What the items and the lists take of the heap, in bytes. */
  public long bytes() {
    return table.bytes()
        + popularity.values().stream().mapToLong(rows -> (long) Integer.BYTES * rows.length).sum();
  }

  /** The names of the popularity lists: {@code global}, and segments such as {@code country=DE}. */
  public Set<String> lists() {
    return popularity.keySet();
  }

  /**
   * The first rows of a popularity list: the segment's by falling count, then everybody's.
   *
   * @param list one of {@link #lists()}
   * @param without rows that are left out
   * @param most how many rows, at most
   */
  public int[] popular(String list, BitSet without, int most) {
    BitSet taken = (BitSet) without.clone();
    int[] rows = new int[Math.min(most, table.rows())];
    int count = take(popularity.get(list), taken, rows, 0);
    if (!list.equals(Keys.GLOBAL)) {
      count = take(popularity.get(Keys.GLOBAL), taken, rows, count);
    }
    return Arrays.copyOf(rows, count);
  }

  private static int take(int[] list, BitSet taken, int[] rows, int count) {
    int end = count;
    for (int i = 0; i < list.length && end < rows.length; i++) {
      if (!taken.get(list[i])) {
        taken.set(list[i]);
        rows[end++] = list[i];
      }
    }
    return end;
  }
}
