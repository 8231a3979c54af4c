package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.ItemRows;
import org.pillion.scoring.RankBuilder;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.ResidentColumn;
import org.pillion.scoring.spark.column.ResidentNumbers;
import org.pillion.scoring.spark.column.ResidentRows;
import org.pillion.scoring.spark.column.Values;

/**
 * Items that stay beside a plan. Kernels that see items alone have run for all of them, and the
 * columns that other kernels read are kept.
 *
 * <p>An item that such a kernel refuses is scored apart whenever it is named: another kernel may
 * come before the one that refuses it, and refuse it for another reason.
 */
final class SparkItems implements ResidentItems {
  /** Rows at a time; what is computed of them stays in a core's own cache. */
  static final int BLOCK = 1_024;

  private static final int BLOCK_OF_ITEMS = 8_192;

  private final SparkScorer scorer;
  private final ItemColumns columns;
  private final Route rest;

  /** The slots that are kept, and their columns. */
  private final int[] slots;

  private final ResidentColumn[] kept;

  /** Per slot, the first one that has the same column. */
  private final int[] first;

  /** The columns of numbers side by side, and whose they are; null where that took too much. */
  private ResidentRows packed;

  private int[] packedSlots;

  /** The items that a kernel refuses. */
  private final BitSet refused = new BitSet();

  private SparkItems(SparkScorer scorer, ItemColumns columns, Route rest, BitSet slots) {
    this.scorer = scorer;
    this.columns = columns;
    this.rest = rest;
    this.slots = slots.stream().toArray();
    this.kept = new ResidentColumn[this.slots.length];
    this.first = new int[this.slots.length];
  }

  /**
   * Prepares items for a route.
   *
   * @param bytesPerItem what may be kept; a column that would take more than is left is not
   * @return null where a kernel declines, as it may by a {@linkplain
   *     org.pillion.scoring.spark.plan.Shortcut shortcut}
   */
  static SparkItems of(SparkScorer scorer, Route route, ItemColumns columns, int bytesPerItem) {
    BitSet dropped = new BitSet();
    while (true) {
      Route.Items division = route.divideItems(columns.inputs(), dropped);
      SparkItems items = new SparkItems(scorer, columns, division.rest(), division.kept());
      int last = items.fill(division.items(), bytesPerItem);
      if (last == DECLINED) {
        return null;
      } else if (last == FILLED) {
        return items;
      }
      dropped.set(last);
    }
  }

  private static final int FILLED = -1;
  private static final int DECLINED = -2;

  /** Returns the slot that takes the most where all of them take too much. */
  private int fill(Route items, int bytesPerItem) {
    CandidateBatch all = CandidateBatch.of(columns);
    for (int from = 0; from < columns.rows(); from += BLOCK_OF_ITEMS) {
      int to = Math.min(columns.rows(), from + BLOCK_OF_ITEMS);
      Frame frame = items.run(all.slice(from, to));
      if (frame.isDeclined()) {
        return DECLINED;
      }
      for (int i = 0; i < kept.length; i++) {
        Values values = frame.get(slots[i]);
        kept[i] = from == 0 ? column(slots[i], values) : kept[i];
        if (kept[i] == null) {
          return slots[i];
        }
        kept[i].add(values);
      }
      for (RowError error : frame.errors()) {
        refused.set(from + error.row());
      }
      for (int row : frame.declinedRows()) {
        refused.set(from + row);
      }
      if (sum() > bytesPerItem) {
        return slots[largest()];
      }
    }
    share();
    pack(bytesPerItem);
    return FILLED;
  }

  private void pack(int bytesPerItem) {
    List<ResidentNumbers> numbers = new ArrayList<>();
    double others = 0;
    for (ResidentColumn column : kept) {
      if (column instanceof ResidentNumbers one) {
        numbers.add(one);
      } else if (column != null) {
        others += column.bytesPerItem();
      }
    }
    int[] places =
        IntStream.range(0, kept.length).filter(i -> kept[i] instanceof ResidentNumbers).toArray();
    packed = ResidentRows.of(numbers, columns.rows(), bytesPerItem - others);
    if (packed != null) {
      packedSlots = places;
      for (int i : places) {
        kept[i] = null;
      }
    }
  }

  /** Columns that stages hand on under other names are held, and taken, once. */
  private void share() {
    for (int i = 0; i < kept.length; i++) {
      first[i] = i;
      for (int j = 0; j < i; j++) {
        if (first[j] == j && kept[i].isSame(kept[j])) {
          first[i] = j;
          kept[i] = null;
          break;
        }
      }
    }
  }

  private ResidentColumn column(int slot, Values like) {
    double[] given = null;
    int[] inputs = rest.roots(slot);
    if (inputs.length == 1 && columns.column(inputs[0]) instanceof Column.Doubles numbers) {
      given = numbers.values();
    }
    return ResidentColumn.of(like, columns.rows(), given);
  }

  private double sum() {
    double sum = packed == null ? 0 : packed.bytesPerItem();
    for (ResidentColumn column : kept) {
      sum += column == null ? 0 : column.bytesPerItem();
    }
    return sum;
  }

  private int largest() {
    int largest = 0;
    for (int i = 1; i < kept.length; i++) {
      largest = kept[i].bytesPerItem() > kept[largest].bytesPerItem() ? i : largest;
    }
    return largest;
  }

  @Override
  public ItemColumns columns() {
    return columns;
  }

  @Override
  public long bytes() {
    return Math.round(sum() * columns.rows());
  }

  /**
   * Scores a batch of these items.
   *
   * @param asked the scorer that is asked; it may be another one than these were prepared by
   */
  ScoreResult score(SparkScorer asked, CandidateBatch batch, Outputs wanted) {
    if (batch.rows() <= BLOCK && !anyRefused(batch)) {
      return inParts(asked, batch, wanted).score(batch);
    }
    JoinedResult joined = new JoinedResult(batch.rows(), wanted.fields());
    each(asked, batch, wanted, joined::add);
    return joined.build();
  }

  /** Ranks a batch of these items. */
  RankResult rank(SparkScorer asked, CandidateBatch batch, RankRule rule, Outputs wanted) {
    RankBuilder best = new RankBuilder(rule, batch.rows());
    each(asked, batch, wanted, best::add);
    return best.build();
  }

  /** Scores some of a batch's candidates. */
  private interface Part {
    ScoreResult score(CandidateBatch part);
  }

  /** Takes the result of some candidates, and their positions in the batch. */
  private interface Taker {
    void take(ScoreResult part, int[] rows);
  }

  private void each(SparkScorer asked, CandidateBatch batch, Outputs wanted, Taker taker) {
    Part part = inParts(asked, batch, wanted);
    if (!anyRefused(batch)) {
      if (batch.rows() <= BLOCK) {
        taker.take(part.score(batch), IntStream.range(0, batch.rows()).toArray());
        return;
      }
      for (int from = 0; from < batch.rows(); from += BLOCK) {
        int to = Math.min(batch.rows(), from + BLOCK);
        taker.take(part.score(batch.slice(from, to)), IntStream.range(from, to).toArray());
      }
      return;
    }
    inBlocks(batch, sound(batch, true), part, taker);
    inBlocks(batch, sound(batch, false), some -> asked.score(some, wanted), taker);
  }

  private static void inBlocks(CandidateBatch batch, int[] rows, Part part, Taker taker) {
    for (int from = 0; from < rows.length; from += BLOCK) {
      int[] some = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + BLOCK));
      taker.take(part.score(batch.pick(some)), some);
    }
  }

  private boolean anyRefused(CandidateBatch batch) {
    ItemRows rows = batch.items();
    for (int i = 0; !refused.isEmpty() && i < batch.rows(); i++) {
      if (refused.get(rows.row(i))) {
        return true;
      }
    }
    return false;
  }

  private int[] sound(CandidateBatch batch, boolean wanted) {
    ItemRows rows = batch.items();
    return IntStream.range(0, batch.rows())
        .filter(i -> refused.get(rows.row(i)) != wanted)
        .toArray();
  }

  /** What scores parts of a batch, after its context was computed. */
  private Part inParts(SparkScorer asked, CandidateBatch batch, Outputs wanted) {
    Frame context = asked == scorer ? rest.context(batch) : null;
    if (context == null || context.isDeclined()) {
      return part -> asked.score(part, wanted);
    }
    return part -> scorer.complete(part, rest.candidates(context, part, this::fill), wanted);
  }

  private void fill(Frame frame) {
    ItemRows rows = frame.batch().items();
    if (packed != null) {
      Values[] numbers = packed.take(rows);
      for (int i = 0; i < numbers.length; i++) {
        frame.set(slots[packedSlots[i]], numbers[i]);
      }
    }
    for (int i = 0; i < slots.length; i++) {
      if (first[i] != i) {
        frame.set(slots[i], frame.get(slots[first[i]]));
      } else if (kept[i] != null) {
        frame.set(slots[i], kept[i].take(rows));
      }
    }
  }
}
