package org.pillion.scoring.spark.column;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.ItemRows;
import org.pillion.scoring.MemoryBudget;

/** Texts of all items; each different one is held once. */
final class ResidentTexts extends ResidentColumn {
  private final int[] codes;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> different = new ArrayList<>();
  private String[] dictionary;
  private long characters;
  private int end;

  ResidentTexts(int rows) {
    this.codes = new int[rows];
  }

  @Override
  public void add(Values block) {
    StringColumn texts = (StringColumn) block;
    for (int row = 0; row < texts.rows(); row++) {
      String text = texts.text(row);
      codes[end++] = text == null ? -1 : code(text);
    }
    if (end == codes.length) {
      dictionary = different.toArray(new String[0]);
      numbers.clear();
    }
  }

  private int code(String text) {
    Integer known = numbers.putIfAbsent(text, different.size());
    if (known == null) {
      different.add(text);
      characters += text.length();
      return different.size() - 1;
    }
    return known;
  }

  @Override
  public StringColumn take(ItemRows items) {
    int count = items.count();
    if (dictionary.length > count) {
      // What is done with each different text would be done for texts that no row has.
      String[] texts = new String[count];
      for (int i = 0; i < count; i++) {
        int code = codes[items.row(i)];
        texts[i] = code < 0 ? null : dictionary[code];
      }
      return StringColumn.of(texts, new boolean[count]);
    }
    int[] taken = new int[count];
    for (int i = 0; i < count; i++) {
      taken[i] = codes[items.row(i)];
    }
    return new StringColumn(taken, dictionary);
  }

  @Override
  public double bytesPerItem() {
    double texts = MemoryBudget.STRING_BYTES * (double) different.size() + 2.0 * characters;
    return Integer.BYTES + texts / Math.max(1, end);
  }
}
