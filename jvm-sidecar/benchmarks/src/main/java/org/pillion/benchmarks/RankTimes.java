package org.pillion.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.InputField;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.TieOrder;

/**
 * Time to rank a request's candidates: the context in every row, and the context given once.
 *
 * <p>The two take turns, so that what else the machine does meets both, and the thread's own
 * processor time is taken, best of many turns.
 */
public final class RankTimes {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private RankTimes() {}

  /** Takes document, table of rows, regular expression of candidates' inputs, turns, and sizes. */
  public static void main(String[] arguments) throws Exception {
    Scorer scorer = Engines.installed().load("compiled", Files.readAllBytes(Path.of(arguments[0])));
    Pattern varies = Pattern.compile(arguments[2]);
    int turns = Integer.parseInt(arguments[3]);
    RankRule rule = new RankRule("probability(1)", 10, TieOrder.POSITION);
    for (String size : List.of(arguments).subList(4, arguments.length)) {
      int rows = Integer.parseInt(size);
      CandidateBatch batch = batch(scorer, Path.of(arguments[1]), rows, varies);
      double full = Double.MAX_VALUE;
      double once = Double.MAX_VALUE;
      int calls = Math.max(1, 30_000 / rows);
      for (int turn = 0; turn < turns; turn++) {
        full =
            Math.min(
                full,
                time(calls, () -> RankResult.of(scorer.score(batch.expand()), rule).rows()[0]));
        once = Math.min(once, time(calls, () -> scorer.rank(batch, rule).rows()[0]));
      }
      System.out.println(rows + "\t" + full + "\t" + once);
    }
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

  private static CandidateBatch batch(Scorer scorer, Path table, int rows, Pattern varies)
      throws Exception {
    List<Map<String, Object>> maps = BenchmarkRows.read(table, rows, scorer.contract());
    ColumnBatch all = BenchmarkRows.batch(scorer.contract(), maps);
    CandidateBatch.Builder batch = CandidateBatch.builder(scorer.contract(), rows);
    for (int i = 0; i < all.columns().size(); i++) {
      InputField field = scorer.contract().inputs().get(i);
      Column column = all.column(i);
      if (varies.matcher(field.name()).matches()) {
        batch.candidates(field.name(), column);
      } else {
        batch.context(field.name(), column.take(new int[] {0}));
      }
    }
    return batch.build();
  }
}
