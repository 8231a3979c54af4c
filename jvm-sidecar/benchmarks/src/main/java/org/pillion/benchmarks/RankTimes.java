package org.pillion.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.TieOrder;

/**
 * Time to rank a request's candidates: the context in every row, the context given once, and the
 * candidates named by their rows in a table of resident items.
 *
 * <p>The three take turns, so that what else the machine does meets them all, and the thread's own
 * processor time is taken, best of many turns.
 */
public final class RankTimes {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final RankRule RULE = new RankRule("probability(1)", 10, TieOrder.POSITION);

  /** Rows that are read; items are made of them. */
  private static final int ROWS = 200;

  /** Work of a turn, in candidates. */
  private static final int CANDIDATES_A_TURN = 30_000;

  private final Scorer scorer;
  private final ColumnBatch rows;
  private final Pattern varies;
  private final Random random = new Random(17);

  private RankTimes(Scorer scorer, Path table, Pattern varies) throws Exception {
    this.scorer = scorer;
    List<Map<String, Object>> maps = BenchmarkRows.read(table, ROWS, scorer.contract());
    this.rows = BenchmarkRows.batch(scorer.contract(), maps);
    this.varies = varies;
  }

  /**
   * Takes document, table of rows, regular expression of candidates' inputs, turns, number of
   * items, and sizes. Prints bytes an item of its inputs and beside them, then a line a size.
   */
  public static void main(String[] arguments) throws Exception {
    Scorer scorer = Engines.installed().load("compiled", Files.readAllBytes(Path.of(arguments[0])));
    RankTimes times = new RankTimes(scorer, Path.of(arguments[1]), Pattern.compile(arguments[2]));
    int turns = Integer.parseInt(arguments[3]);
    ItemColumns items = times.items(Integer.parseInt(arguments[4]));
    ResidentItems resident = scorer.prepare(items, 1 << 10);
    System.out.println(
        items.bytes() / items.rows() + "\t" + resident.bytes() / (double) items.rows());
    for (String size : List.of(arguments).subList(5, arguments.length)) {
      System.out.println(size + "\t" + times.time(resident, Integer.parseInt(size), turns));
    }
  }

  /** Items with the inputs of the rows; numbers that are not whole differ from item to item. */
  private ItemColumns items(int count) {
    FeatureContract contract = scorer.contract();
    int[] like = random.ints(count, 0, ROWS).toArray();
    ItemColumns.Builder items = ItemColumns.builder(contract, count);
    for (int i = 0; i < contract.inputs().size(); i++) {
      String name = contract.inputs().get(i).name();
      if (!varies.matcher(name).matches()) {
        continue;
      }
      Column column = rows.column(i).take(like);
      if (column instanceof Column.Doubles numbers) {
        double[] values = numbers.values();
        for (int row = 0; row < count; row++) {
          boolean whole = values[row] == Math.rint(values[row]);
          values[row] *= whole ? 1.0 : 1.0 + 1e-3 * random.nextGaussian();
        }
      }
      items.add(name, column);
    }
    return items.build();
  }

  private String time(ResidentItems items, int size, int turns) {
    int[] named = random.ints(size, 0, items.columns().rows()).toArray();
    boolean all = size == items.columns().rows();
    CandidateBatch.Builder once = CandidateBatch.builder(scorer.contract(), size);
    CandidateBatch.Builder ids = CandidateBatch.builder(scorer.contract(), size);
    for (int i = 0; i < scorer.contract().inputs().size(); i++) {
      InputField field = scorer.contract().inputs().get(i);
      if (items.columns().has(i)) {
        Column column = items.columns().column(i);
        once.candidates(field.name(), all ? column : column.take(named));
      } else {
        Column one = rows.column(i).take(new int[] {0});
        once.context(field.name(), one);
        ids.context(field.name(), one);
      }
    }
    CandidateBatch batch = once.build();
    double best = Double.MAX_VALUE;
    double bestOnce = Double.MAX_VALUE;
    double bestIds = Double.MAX_VALUE;
    int calls = Math.max(1, CANDIDATES_A_TURN / size);
    for (int turn = 0; turn < turns; turn++) {
      best =
          Math.min(
              best, time(calls, () -> RankResult.of(scorer.score(batch.expand()), RULE).rows()[0]));
      bestOnce = Math.min(bestOnce, time(calls, () -> scorer.rank(batch, RULE).rows()[0]));
      // A batch keeps the columns that it was asked for, so each call has one of its own.
      bestIds = Math.min(bestIds, time(calls, () -> byIds(ids, items, all ? null : named)));
    }
    return best + "\t" + bestOnce + "\t" + bestIds;
  }

  private int byIds(CandidateBatch.Builder ids, ResidentItems items, int[] named) {
    CandidateBatch batch =
        named == null ? ids.items(items).build() : ids.items(items, named).build();
    return scorer.rank(batch, RULE).rows()[0];
  }

  private interface Call {
    int run();
  }

  /** Microseconds a call. */
  private static double time(int calls, Call call) {
    int sum = 0;
    long start = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < calls; i++) {
      sum += call.run();
    }
    long spent = THREADS.getCurrentThreadCpuTime() - start;
    if (sum < 0) {
      throw new IllegalStateException("a row before the first");
    }
    return spent / 1e3 / calls;
  }
}
