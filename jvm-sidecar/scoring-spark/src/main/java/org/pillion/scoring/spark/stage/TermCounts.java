package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.VectorColumn;

/** Counts of terms as sparse vectors, one for each array of texts. */
final class TermCounts {
  private final int size;
  private final double smallest;
  private final boolean binary;

  /**
   * How terms are counted.
   *
   * @param size length of the vectors
   * @param smallest the count from which a term is kept; below 1, this part of the array's length
   * @param binary whether each count that is kept is 1
   */
  TermCounts(int size, double smallest, boolean binary) {
    this.size = size;
    this.smallest = smallest;
    this.binary = binary;
  }

  /**
   * A vector for each array.
   *
   * @param indices per text of the dictionary, its place in the vectors, or −1 for none
   * @param ofNull the place of a null text, or −1 for none
   */
  VectorColumn count(StringArrayColumn in, int[] indices, int ofNull) {
    VectorBuilder out = new VectorBuilder(in.arrays(), size, in.codes().length);
    int[] found = new int[16];
    for (int array = 0; array < in.arrays(); array++) {
      int start = in.starts()[array];
      int length = in.starts()[array + 1] - start;
      if (found.length < length) {
        found = new int[length];
      }
      int n = 0;
      for (int k = start; k < start + length; k++) {
        int code = in.codes()[k];
        int index = code < 0 ? ofNull : indices[code];
        if (index >= 0) {
          found[n++] = index;
        }
      }
      Arrays.sort(found, 0, n);
      add(found, n, smallest >= 1.0 ? smallest : length * smallest, out);
      out.endSparse();
    }
    return out.build();
  }

  private void add(int[] found, int n, double least, VectorBuilder out) {
    for (int k = 0; k < n; ) {
      int first = k;
      while (k < n && found[k] == found[first]) {
        k++;
      }
      double count = k - first;
      if (count >= least) {
        out.add(found[first], binary ? 1.0 : count);
      }
    }
  }
}
