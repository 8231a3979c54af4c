package org.pillion.embedded;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.DeadlineExceeded;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankRequest;
import org.pillion.scoring.DotProducts;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.Shortlist;
import org.pillion.scoring.TieOrder;

/** The vectors of items, each laid out when a request first names it. */
final class ItemVectors {
  private final ItemColumns columns;
  private final Map<String, DotProducts> byName = new ConcurrentHashMap<>();

  ItemVectors(ItemColumns columns) {
    this.columns = columns;
  }

  /**
   * The items with the largest dot products; ties by rising id. Half of the time that is left is
   * for this.
   *
   * @param excluded rows that are not wanted
   * @throws InvalidRequest when an element of the user's vector is not given
   * @throws DeadlineExceeded when there was no time to look at any item: nothing picked would read
   *     as a user to whom nothing is left
   */
  Shortlist pick(RankRequest request, IntPredicate excluded, Deadline deadline) {
    RankRequest.FirstPhase phase = request.firstPhase();
    int[] elements = elements(columns.contract(), phase.user());
    float[] user = new float[elements.length];
    for (int i = 0; i < user.length; i++) {
      String name = columns.contract().inputs().get(elements[i]).name();
      if (!(request.context().get(name) instanceof Number number)
          || !Float.isFinite(number.floatValue())) {
        throw new InvalidRequest(
            name,
            "the element '%s' of the user's vector is not given in the context".formatted(name),
            null);
      }
      user[i] = number.floatValue();
    }
    DotProducts products =
        byName.computeIfAbsent(
            phase.item(), item -> DotProducts.of(columns, elements(columns.contract(), item)));
    long until = deadline.remainingNanos() / 2;
    Shortlist found =
        products.pick(
            user,
            phase.size(),
            excluded,
            TieOrder.POSITION,
            1,
            Runnable::run,
            () -> deadline.remainingNanos() < until);
    if (found.seen() == 0) {
      throw new DeadlineExceeded(
          "the deadline passed before the first phase had looked at an item");
    }
    return found;
  }

  private static int[] elements(FeatureContract contract, String vector) {
    int[] found = contract.elements(vector);
    if (found.length == 0) {
      throw new InvalidRequest(
          vector,
          "the model has no input '%s_0', the first element of the vector '%s'"
              .formatted(vector, vector),
          null);
    }
    return found;
  }
}
