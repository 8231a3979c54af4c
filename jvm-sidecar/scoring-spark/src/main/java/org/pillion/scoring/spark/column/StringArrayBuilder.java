package org.pillion.scoring.spark.column;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Grows arrays of texts, text by text, and numbers the different ones. */
public final class StringArrayBuilder {
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> dictionary = new ArrayList<>();
  private int[] starts = new int[17];
  private int[] codes = new int[64];
  private int arrays;
  private int end;

  /** Adds a text, which may be null, to the array that is being built. */
  public void add(String text) {
    if (end == codes.length) {
      codes = Arrays.copyOf(codes, 2 * end);
    }
    if (text == null) {
      codes[end++] = -1;
      return;
    }
    Integer known = numbers.putIfAbsent(text, dictionary.size());
    if (known == null) {
      codes[end++] = dictionary.size();
      dictionary.add(text);
    } else {
      codes[end++] = known;
    }
  }

  /** Ends an array, and returns its position. */
  public int endArray() {
    if (arrays + 2 > starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
    }
    starts[++arrays] = end;
    return arrays - 1;
  }

  /** Adds an array, and returns its position. */
  public int addArray(String... texts) {
    for (String text : texts) {
      add(text);
    }
    return endArray();
  }

  /** Drops what was added since the last array ended. */
  public void drop() {
    end = starts[arrays];
  }

  /**
   * The column.
   *
   * @param rows per row, the position of its array, or −1 for null
   */
  public StringArrayColumn build(int[] rows) {
    return new StringArrayColumn(
        rows,
        Arrays.copyOf(starts, arrays + 1),
        Arrays.copyOf(codes, end),
        dictionary.toArray(new String[0]));
  }
}
