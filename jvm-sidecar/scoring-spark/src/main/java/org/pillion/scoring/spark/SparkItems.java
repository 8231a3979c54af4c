package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.ItemRows;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.ResidentColumn;
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

  /** The items that a kernel refuses. */
  private final BitSet refused = new BitSet();

  private SparkItems(SparkScorer scorer, ItemColumns columns, Route rest, BitSet slots) {
    this.scorer = scorer;
    this.columns = columns;
    this.rest = rest;
    this.slots = slots.stream().toArray();
    this.kept = new ResidentColumn[this.slots.length];
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
      if (sum() > bytesPerItem) {
        return slots[largest()];
      }
    }
    return FILLED;
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
    double sum = 0;
    for (ResidentColumn column : kept) {
      sum += column.bytesPerItem();
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
  ScoreResult score(SparkScorer asked, CandidateBatch batch) {
    if (asked != scorer) {
      return inBlocks(batch, asked::scoreApart);
    }
    ItemRows rows = batch.items();
    int[] apart =
        refused.isEmpty()
            ? new int[0]
            : IntStream.range(0, batch.rows()).filter(i -> refused.get(rows.row(i))).toArray();
    if (apart.length == 0) {
      return scoreSound(batch);
    }
    int[] sound = IntStream.range(0, batch.rows()).filter(i -> !refused.get(rows.row(i))).toArray();
    ScoreResult scored = scoreSound(batch.pick(sound));
    Joined joined = new Joined(batch.rows(), scored.fields());
    joined.add(scored, sound);
    joined.add(inBlocks(batch.pick(apart), asked::scoreApart), apart);
    return joined.result();
  }

  private ScoreResult scoreSound(CandidateBatch batch) {
    Frame context = rest.context(batch);
    if (context == null || context.isDeclined()) {
      return inBlocks(batch, scorer::scoreApart);
    }
    return inBlocks(
        batch,
        part -> {
          Frame frame = rest.candidates(context, part, this::fill);
          return frame.isDeclined() ? scorer.scoreApart(part) : scorer.result(frame);
        });
  }

  private void fill(Frame frame) {
    ItemRows rows = frame.batch().items();
    for (int i = 0; i < slots.length; i++) {
      frame.set(slots[i], kept[i].take(rows));
    }
  }

  private static ScoreResult inBlocks(
      CandidateBatch batch, Function<CandidateBatch, ScoreResult> score) {
    if (batch.rows() <= BLOCK) {
      return score.apply(batch);
    }
    Joined joined = null;
    for (int from = 0; from < batch.rows(); from += BLOCK) {
      int to = Math.min(batch.rows(), from + BLOCK);
      ScoreResult part = score.apply(batch.slice(from, to));
      joined = joined == null ? new Joined(batch.rows(), part.fields()) : joined;
      joined.add(part, IntStream.range(from, to).toArray());
    }
    return joined.result();
  }

  /** Results of parts of a batch, as one. */
  private static final class Joined {
    private final List<OutputField> fields;
    private final List<ColumnBuilder> columns = new ArrayList<>();
    private final RowError[] errors;

    /** Per row of the batch, its position among those that were added. */
    private final int[] positions;

    private int end;

    Joined(int rows, List<OutputField> fields) {
      this.fields = fields;
      this.errors = new RowError[rows];
      this.positions = new int[rows];
      for (OutputField field : fields) {
        columns.add(new ColumnBuilder(field.name(), field.type(), rows));
      }
    }

    void add(ScoreResult part, int[] rows) {
      for (int i = 0; i < columns.size(); i++) {
        columns.get(i).addAll(part.columns().get(i));
      }
      for (int row : rows) {
        positions[row] = end++;
      }
      for (RowError error : part.errors()) {
        int row = rows[error.row()];
        errors[row] = new RowError(row, error.field(), error.value(), error.message());
      }
    }

    ScoreResult result() {
      List<Column> all = columns.stream().map(column -> column.build().take(positions)).toList();
      List<RowError> some = new ArrayList<>();
      for (RowError error : errors) {
        if (error != null) {
          some.add(error);
        }
      }
      return new ScoreResult(positions.length, fields, all, some);
    }
  }
}
