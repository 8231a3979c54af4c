package org.pillion.scoring.spark.column;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts, which are numbered when a number is first asked for: each different one is then held once.
 * Belongs to one call, and so to one thread.
 */
public final class StringColumn implements Values {
  /** The texts as they were given, null where there is none; null where only codes were. */
  private final String[] texts;

  private int[] codes;
  private String[] dictionary;

  /**
   * A column of numbered texts.
   *
   * @param codes length: rows; positions in the dictionary, or −1 for null
   * @param dictionary the different texts
   */
  public StringColumn(int[] codes, String[] dictionary) {
    this.texts = null;
    this.codes = codes;
    this.dictionary = dictionary;
  }

  private StringColumn(String[] texts) {
    this.texts = texts;
  }

  /** A column of texts; those under the mask are null. */
  public static StringColumn of(String[] values, boolean[] missing) {
    String[] texts = values;
    for (int row = 0; row < missing.length; row++) {
      if (missing[row] && texts[row] != null) {
        texts = texts == values ? values.clone() : texts;
        texts[row] = null;
      }
    }
    return new StringColumn(texts);
  }

  /** Whether the texts have numbers, so that what is done with each different one is done once. */
  public boolean isNumbered() {
    return codes != null;
  }

  /** Per row the text's position in the dictionary, or −1 for null. */
  public int[] codes() {
    if (codes == null) {
      number();
    }
    return codes;
  }

  /** The different texts. */
  public String[] dictionary() {
    if (dictionary == null) {
      number();
    }
    return dictionary;
  }

  private void number() {
    codes = new int[texts.length];
    Map<String, Integer> numbers = new HashMap<>();
    List<String> different = new ArrayList<>();
    String last = null;
    int code = -1;
    for (int row = 0; row < codes.length; row++) {
      String text = texts[row];
      if (text == null) {
        codes[row] = -1;
        continue;
      }
      // A request's context is one object in all of its rows.
      if (text != last) {
        Integer known = numbers.putIfAbsent(text, different.size());
        if (known == null) {
          different.add(text);
        }
        code = known == null ? different.size() - 1 : known;
        last = text;
      }
      codes[row] = code;
    }
    dictionary = different.toArray(new String[0]);
  }

  /** Number of rows. */
  public int rows() {
    return texts == null ? codes.length : texts.length;
  }

  @Override
  public boolean[] nulls() {
    boolean[] nulls = null;
    for (int row = 0; row < rows(); row++) {
      if (isNull(row)) {
        if (nulls == null) {
          nulls = new boolean[rows()];
        }
        nulls[row] = true;
      }
    }
    return nulls;
  }

  @Override
  public StringColumn repeat(int rows) {
    int[] all = new int[rows];
    Arrays.fill(all, codes()[0]);
    return new StringColumn(all, dictionary());
  }

  @Override
  public boolean isNull(int row) {
    return texts == null ? codes[row] < 0 : texts[row] == null;
  }

  /** The text of a row, or null. */
  public String text(int row) {
    return texts != null ? texts[row] : codes[row] < 0 ? null : dictionary[codes[row]];
  }
}
