package org.pillion.scoring.spark.column;

import java.util.Arrays;

/**
 * Arrays of texts, end to end: each different text is held once, and rows may share an array.
 *
 * @param rows length: rows; the position of the row's array, or −1 for null
 * @param starts the texts of array {@code a} are at {@code starts[a]} to {@code starts[a + 1]},
 *     exclusive
 * @param codes positions in the dictionary, or −1 for a null text
 * @param dictionary the different texts
 */
public record StringArrayColumn(int[] rows, int[] starts, int[] codes, String[] dictionary)
    implements Values {

  /** Number of arrays. */
  public int arrays() {
    return starts.length - 1;
  }

  /** Number of texts in a row's array, which is not null. */
  public int length(int row) {
    return starts[rows[row] + 1] - starts[rows[row]];
  }

  @Override
  public boolean[] nulls() {
    boolean[] nulls = null;
    for (int row = 0; row < rows.length; row++) {
      if (rows[row] < 0) {
        if (nulls == null) {
          nulls = new boolean[rows.length];
        }
        nulls[row] = true;
      }
    }
    return nulls;
  }

  @Override
  public boolean isNull(int row) {
    return rows[row] < 0;
  }

  @Override
  public StringArrayColumn repeat(int count) {
    int[] all = new int[count];
    Arrays.fill(all, rows[0]);
    return new StringArrayColumn(all, starts, codes, dictionary);
  }
}
