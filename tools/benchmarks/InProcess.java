import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.BatchCodec;
import org.pillion.scoring.Scorer;

/**
 * Times an engine inside a Java host: one thread, columns in, columns out.
 *
 * <p>Arguments: model.pmml, a packed batch, seconds. Prints p50, p99 and p99.9 in nanoseconds, the number of
 * calls, the seconds that they took, and the processor seconds.
 */
public final class InProcess {
  private static final int MOST = 4_000_000;

  private InProcess() {}

  public static void main(String[] arguments) throws Exception {
    byte[] pmml = Files.readAllBytes(Path.of(arguments[0]));
    double seconds = Double.parseDouble(arguments[2]);
    try (Scorer scorer = Engines.installed().load("auto", pmml)) {
      ColumnBatch batch = BatchCodec.read(Files.readAllBytes(Path.of(arguments[1])), scorer.contract());
      run(scorer, batch, seconds);
      long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long begin = System.nanoTime();
      long[] times = run(scorer, batch, seconds);
      double wall = (System.nanoTime() - begin) * 1e-9;
      double used = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) * 1e-9;
      Arrays.sort(times);
      System.out.printf(
          java.util.Locale.ROOT,
          "%d %d %d %d %.6f %.6f%n",
          at(times, 0.5),
          at(times, 0.99),
          at(times, 0.999),
          times.length,
          wall,
          used);
    }
  }

  private static long at(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
  }

  private static long[] run(Scorer scorer, ColumnBatch batch, double seconds) {
    long[] times = new long[MOST];
    long end = System.nanoTime() + (long) (seconds * 1e9);
    int calls = 0;
    long before = System.nanoTime();
    while (before < end && calls < MOST) {
      Column column = scorer.score(batch).columns().get(0);
      if (column.rows() != batch.rows()) {
        throw new IllegalStateException("rows are missing");
      }
      long after = System.nanoTime();
      times[calls++] = after - before;
      before = after;
    }
    return Arrays.copyOf(times, calls);
  }
}
