package org.pillion.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jpmml.evaluator.Evaluator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.Scorer;

/** Time to score a request's rows, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 700, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class ScoringBenchmark {
  /** Folder of the documents and of the rows. */
  @Param("build/bench-engine")
  public String folder;

  /** File name of a document, without its ending. */
  @Param({"logistic", "multinomial-30", "multinomial-1000", "gbt-100x5", "forest-50x8", "text-500"})
  public String model;

  /**
   * Who scores, and from what: {@code maps} count the encoding of inputs, {@code columns} do not.
   */
  @Param({"interpreter-maps", "transpiler-maps", "compiled-maps", "compiled-columns"})
  public String route;

  /** Rows in a request. */
  @Param({"1", "10", "100", "1000"})
  public int rows;

  private Scorer scorer;
  private Evaluator evaluator;
  private List<Map<String, Object>> maps;
  private ColumnBatch batch;

  /** Loads the document and the rows. */
  @Setup
  public void load() throws Exception {
    byte[] document = Files.readAllBytes(Path.of(folder, model + ".pmml"));
    scorer = Engines.installed().load("compiled", document);
    if (!scorer.engine().equals("compiled")) {
      throw new IllegalStateException("not the compiled engine");
    }
    maps = BenchmarkRows.read(Path.of(folder, "rows.tsv"), rows, scorer.contract());
    batch = BenchmarkRows.batch(scorer.contract(), maps);
    Path converted = Path.of(folder, model + ".converted.pmml");
    byte[] others = Files.exists(converted) ? Files.readAllBytes(converted) : document;
    evaluator =
        switch (route) {
          case "interpreter-maps" -> JpmmlRoute.interpreter(others);
          case "transpiler-maps" -> JpmmlRoute.transpiler(others);
          default -> null;
        };
  }

  /** Scores all rows of the request. */
  @Benchmark
  public void score(Blackhole blackhole) {
    if (evaluator != null) {
      for (Map<String, Object> row : maps) {
        blackhole.consume(evaluator.evaluate(row));
      }
    } else if (route.equals("compiled-maps")) {
      blackhole.consume(scorer.score(BenchmarkRows.batch(scorer.contract(), maps)));
    } else {
      blackhole.consume(scorer.score(batch));
    }
  }
}
