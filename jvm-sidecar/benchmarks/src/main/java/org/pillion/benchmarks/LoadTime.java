package org.pillion.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.Engines;
import org.pillion.scoring.Scorer;

/**
 * Milliseconds from a document's bytes to the first score, in a JVM that has done nothing else: by
 * the clock, and of processor time, with what the JIT took of it.
 */
public final class LoadTime {
  private LoadTime() {}

  /** Arguments: engine, document, table of rows. */
  public static void main(String[] arguments) throws Exception {
    byte[] document = Files.readAllBytes(Path.of(arguments[1]));
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    Scorer scorer = Engines.installed().load(arguments[0], document);
    List<Map<String, Object>> rows =
        BenchmarkRows.read(Path.of(arguments[2]), 1, scorer.contract());
    scorer.score(BenchmarkRows.batch(scorer.contract(), rows));
    double wall = (System.nanoTime() - start) / 1_000_000d;
    System.out.println(wall + " " + (system.getProcessCpuTime() - cpu) / 1_000_000d);
  }
}
