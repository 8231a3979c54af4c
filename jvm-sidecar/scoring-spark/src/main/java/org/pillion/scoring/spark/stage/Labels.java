package org.pillion.scoring.spark.stage;

import java.util.BitSet;
import java.util.Map;

/** The positions of texts among labels, looked up without an object a text. */
final class Labels {
  /** A text is looked for in so many places; labels that would need more are in the map alone. */
  private static final int PLACES = 8;

  /** How many spreads are tried for one by which each label has its first place. */
  private static final int TRIES = 64;

  /** All labels and their positions, from 0 on. */
  private final Map<Object, Integer> positions;

  /** The labels, each in the first free one of its places. */
  private final String[] keys;

  private final int[] found;
  private final int size;
  private final int shift;

  /** What hashes are multiplied by. */
  private final int spread;

  /**
   * An index of labels.
   *
   * @param positions label to position; keys that are no texts are never found here
   */
  Labels(Map<Object, Integer> positions) {
    this.positions = positions;
    this.size = positions.size();
    // At least four places a label, so that most are found in their first one.
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, 4 * positions.size() - 1));
    this.shift = Integer.SIZE - bits;
    this.keys = new String[(1 << bits) + PLACES];
    this.found = new int[keys.length];
    this.spread = spread();
    positions.forEach(
        (label, position) -> {
          if (label instanceof String text) {
            add(text, position);
          }
        });
  }

  /** Few labels can all have their first places, so that no branch depends on the text. */
  private int spread() {
    int best = 0;
    int most = -1;
    int tries = size <= TRIES ? TRIES : 1;
    for (int i = 0; i < tries && most < size; i++) {
      int candidate = 0x9E3779B9 * (2 * i + 1);
      BitSet taken = new BitSet();
      positions.keySet().forEach(label -> taken.set(label.hashCode() * candidate >>> shift));
      if (taken.cardinality() > most) {
        most = taken.cardinality();
        best = candidate;
      }
    }
    return best;
  }

  private void add(String text, int position) {
    int first = text.hashCode() * spread >>> shift;
    for (int place = first; place < first + PLACES; place++) {
      if (keys[place] == null) {
        keys[place] = text;
        found[place] = position;
        return;
      }
    }
  }

  /** Number of labels. */
  int size() {
    return size;
  }

  /** The position of a text, or the number of labels where it is null or none of them. */
  int index(String text) {
    if (text == null) {
      return size;
    }
    int first = text.hashCode() * spread >>> shift;
    for (int place = first; place < first + PLACES; place++) {
      String key = keys[place];
      if (key == null) {
        return size;
      }
      if (key.equals(text)) {
        return found[place];
      }
    }
    return indexOf(text);
  }

  /** The same for a label of any type. */
  int indexOf(Object label) {
    return positions.getOrDefault(label, size);
  }
}
