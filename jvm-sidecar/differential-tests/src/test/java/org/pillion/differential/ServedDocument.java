package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.Engines;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/**
 * A real document and the scorer that serves it.
 *
 * @param document the document with its rows
 * @param scorer of the engine that is chosen for it
 */
record ServedDocument(RealDocument document, Scorer scorer) {
  private static final Engines ENGINES = Engines.installed();
  private static final Map<Path, ServedDocument> LOADED = new HashMap<>();

  /** The document of a folder, which is loaded once for all tests. */
  static ServedDocument of(Path folder) throws IOException {
    ServedDocument known = LOADED.get(folder);
    if (known == null) {
      RealDocument document = RealDocument.read(folder);
      known = new ServedDocument(document, ENGINES.load("auto", document.pmml()));
      LOADED.put(folder, known);
    }
    return known;
  }

  /** One of the outputs that are numbers, by its name; null where there is none. */
  String anyNumber(Random random) {
    List<OutputField> numbers =
        scorer.contract().outputs().stream()
            .filter(field -> field.type() == FieldType.DOUBLE)
            .toList();
    return numbers.isEmpty() ? null : numbers.get(random.nextInt(numbers.size())).name();
  }

  /** Asserts that candidates have the bits, and the errors, of their full rows. */
  void assertScoresOfFullRows(CandidateBatch batch) {
    ScoreResult candidates = scorer.score(batch);
    ScoreResult rows = scorer.score(batch.expand());
    assertEquals(rows.errors(), candidates.errors(), document::name);
    assertEquals(cells(rows), cells(candidates), document::name);
  }

  /** Boxed values are equal where their bits are, with one NaN for all. */
  private static List<List<Object>> cells(ScoreResult result) {
    return result.columns().stream().map(ServedDocument::values).toList();
  }

  private static List<Object> values(Column column) {
    return IntStream.range(0, column.rows()).mapToObj(column::value).toList();
  }
}
