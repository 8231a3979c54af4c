import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.pillion.scoring.BatchCodec;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/**
 * An engine of Pillion's in a Java host: columns in, columns out.
 *
 * <p>Arguments: the document, the engine, a folder with packed batches ({@code ROWS.batch}), how many threads share a
 * call, and the outputs. Answers the commands of {@code Harness}; a call's rows are there already as columns.
 */
final class Engine {
  private Engine() {}

  public static void main(String[] arguments) throws Exception {
    byte[] document = Files.readAllBytes(Path.of(arguments[0]));
    int threads = Integer.parseInt(arguments[3]);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (Scorer scorer = Engines.installed().load(arguments[1], document)) {
      List<ColumnBatch> batches = List.of();
      String size = "";
      BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 3);
        if (!words[1].equals(size)) {
          size = words[1];
          batches = new ArrayList<>();
          for (int part = 0; part < threads; part++) {
            Path file = Path.of(arguments[2], size + (threads == 1 ? "" : "-" + part) + ".batch");
            if (Files.exists(file)) {
              batches.add(BatchCodec.read(Files.readAllBytes(file), scorer.contract()));
            }
          }
        }
        if (words[0].equals("check")) {
          write(scoreAll(executor, scorer, batches), arguments, Path.of(words[2]));
          System.out.println(0);
          continue;
        }
        long from = System.nanoTime();
        for (int calls = Integer.parseInt(words[2]); calls > 0; calls--) {
          scoreAll(executor, scorer, batches);
        }
        System.out.println(System.nanoTime() - from);
      }
    } finally {
      executor.shutdown();
    }
  }

  private static List<ScoreResult> scoreAll(
      ExecutorService executor, Scorer scorer, List<ColumnBatch> batches) throws Exception {
    if (batches.size() == 1) {
      return List.of(scorer.score(batches.get(0)));
    }
    List<Callable<ScoreResult>> parts = new ArrayList<>();
    for (ColumnBatch batch : batches) {
      parts.add(() -> scorer.score(batch));
    }
    List<ScoreResult> results = new ArrayList<>();
    for (Future<ScoreResult> part : executor.invokeAll(parts)) {
      results.add(part.get());
    }
    return results;
  }

  private static void write(List<ScoreResult> results, String[] arguments, Path file) throws Exception {
    List<String> outputs = List.of(arguments).subList(4, arguments.length);
    int rows = 0;
    for (ScoreResult result : results) {
      rows += result.columns().get(0).rows();
    }
    ByteBuffer bytes = ByteBuffer.allocate(8 * rows * outputs.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (ScoreResult result : results) {
      List<String> names = result.fields().stream().map(OutputField::name).toList();
      int[] places = outputs.stream().mapToInt(names::indexOf).toArray();
      for (int row = 0; row < result.columns().get(0).rows(); row++) {
        for (int place : places) {
          Object value = result.columns().get(place).value(row);
          bytes.putDouble(value instanceof Number number ? number.doubleValue() : Double.NaN);
        }
      }
    }
    Files.write(file, bytes.array());
  }
}
