package org.pillion.scoring.spark.column;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts by number: each different one is held once.
 *
 * @param codes length: rows; positions in the dictionary, or −1 for null
 * @param dictionary the different texts, in the order of their first row
 */
public record StringColumn(int[] codes, String[] dictionary) implements Values {
  /** Numbers the texts of a column; those under the mask are null. */
  public static StringColumn of(String[] values, boolean[] missing) {
    int[] codes = new int[values.length];
    Map<String, Integer> numbers = new HashMap<>();
    List<String> dictionary = new ArrayList<>();
    String last = null;
    int code = -1;
    for (int row = 0; row < codes.length; row++) {
      if (missing[row]) {
        codes[row] = -1;
        continue;
      }
      String value = values[row];
      // A request's context is one object in all of its rows.
      if (value != last) {
        Integer known = numbers.putIfAbsent(value, dictionary.size());
        if (known == null) {
          dictionary.add(value);
        }
        code = known == null ? dictionary.size() - 1 : known;
        last = value;
      }
      codes[row] = code;
    }
    return new StringColumn(codes, dictionary.toArray(new String[0]));
  }

  @Override
  public boolean[] nulls() {
    boolean[] nulls = null;
    for (int row = 0; row < codes.length; row++) {
      if (codes[row] < 0) {
        if (nulls == null) {
          nulls = new boolean[codes.length];
        }
        nulls[row] = true;
      }
    }
    return nulls;
  }

  @Override
  public StringColumn repeat(int rows) {
    int[] all = new int[rows];
    Arrays.fill(all, codes[0]);
    return new StringColumn(all, dictionary);
  }

  @Override
  public boolean isNull(int row) {
    return codes[row] < 0;
  }

  /** The text of a row, or null. */
  public String text(int row) {
    return codes[row] < 0 ? null : dictionary[codes[row]];
  }
}
