package org.pillion.server.inference;

import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import org.pillion.scoring.DotProducts;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.Shortlist;
import org.pillion.scoring.TieOrder;
import org.pillion.server.limits.Deadline;

/**
 * The vectors of a table's items, each of them laid out for the first phase when a request first
 * names it.
 */
final class ItemVectors {
  /** Products below which one thread is as fast as several. */
  private static final long FEW_PRODUCTS = 1 << 19;

  private final ItemColumns columns;
  private final Map<String, DotProducts> byName = new ConcurrentHashMap<>();

  ItemVectors(ItemColumns columns) {
    this.columns = columns;
  }

  /** Bytes of all that were laid out. */
  long bytes() {
    return byName.values().stream().mapToLong(DotProducts::bytes).sum();
  }

  /**
   * The items with the largest dot products; ties by rising id, which is the order of rows.
   *
   * @param vector the name of the items' vectors
   * @param user the user's vector
   * @param excluded rows that are not wanted
   * @param deadline of the time that is left, half is for this
   * @throws InvalidInput when the items have no such vectors, or of another length
   */
  Shortlist pick(String vector, float[] user, int k, BitSet excluded, Deadline deadline) {
    DotProducts products = byName.computeIfAbsent(vector, this::of);
    boolean few = (long) products.items() * products.size() < FEW_PRODUCTS;
    Deadline until = deadline.half(System.nanoTime());
    return products.pick(
        user,
        k,
        excluded::get,
        TieOrder.POSITION,
        few ? 1 : Runtime.getRuntime().availableProcessors(),
        ForkJoinPool.commonPool(),
        () -> until.isOver(System.nanoTime()));
  }

  private DotProducts of(String vector) {
    return DotProducts.of(columns, FirstPhase.elements(columns.contract(), vector));
  }
}
