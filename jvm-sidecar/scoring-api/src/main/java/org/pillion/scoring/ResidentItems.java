package org.pillion.scoring;

/**
 * Items that stay beside a model, with what it computes of them alone: once for all requests that
 * name them. Any number of threads may use them.
 */
public interface ResidentItems {
  /** What the items were given as. */
  ItemColumns columns();

  /** Bytes of what was computed of the items and is kept, beside those of the columns. */
  long bytes();

  /** Items of which nothing is computed before a request names them. */
  static ResidentItems of(ItemColumns columns) {
    return new ResidentItems() {
      @Override
      public ItemColumns columns() {
        return columns;
      }

      @Override
      public long bytes() {
        return 0;
      }
    };
  }
}
