package org.pillion.scoring.spark.column;

import org.pillion.scoring.ItemRows;

/** A column of all resident items, filled block by block and then read by any number of threads. */
public abstract sealed class ResidentColumn
    permits ResidentNumbers, ResidentTexts, ResidentVectors {
  /**
   * An empty column.
   *
   * @param like values such as it takes
   * @param rows number of items
   * @param given the numbers of an input, one an item, which need no room where the column has the
   *     same ones; or null
   * @return null where such values are not kept
   */
  public static ResidentColumn of(Values like, int rows, double[] given) {
    if (like instanceof DoubleColumn) {
      return new ResidentNumbers(rows, given);
    } else if (like instanceof StringColumn) {
      return new ResidentTexts(rows);
    } else if (like instanceof VectorColumn vectors) {
      return new ResidentVectors(rows, vectors.size());
    }
    return null;
  }

  /** Adds the values of the items that come next. */
  public abstract void add(Values block);

  /** The values of some items. */
  public abstract Values take(ItemRows items);

  /** Whether another column is known to hold the same values. */
  public boolean isSame(ResidentColumn other) {
    return false;
  }

  /** Bytes that it takes, an item. */
  public abstract double bytesPerItem();
}
