package org.pillion.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Set;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.InputField;
import org.pillion.scoring.Scorer;

/**
 * Counts what one version's content scored: rows, and per input field the missing values and those
 * that the document does not declare.
 */
final class ContentCounts {
  private final WeakReference<Scorer> scorer;
  private final Counter rows;
  private final Counter errors;
  private final List<Field> fields;

  ContentCounts(Scorer scorer, Tags version, MeterRegistry registry) {
    this.scorer = new WeakReference<>(scorer);
    Tags engine = version.and("engine", scorer.engine());
    rows =
        Counter.builder("pillion.rows").description("Scored rows").tags(engine).register(registry);
    errors =
        Counter.builder("pillion.row.errors")
            .description("Rows that could not be scored")
            .tags(engine)
            .register(registry);
    fields =
        scorer.contract().inputs().stream()
            .map(field -> Field.of(field, version.and("field", field.name()), registry))
            .toList();
  }

  /** Whether these are of a scorer; a version's content may have been replaced. */
  boolean areOf(Scorer other) {
    return scorer.refersTo(other);
  }

  /** Counts scored rows; a value of the context counts for each of them. */
  void count(CandidateBatch batch, int failedRows) {
    rows.increment(batch.rows());
    errors.increment(failedRows);
    for (int i = 0; i < fields.size(); i++) {
      fields.get(i).count(batch.column(i), batch.isContext(i) ? batch.rows() : 1);
    }
  }

  private record Field(Counter missing, Counter unseen, Set<Object> known) {
    static Field of(InputField field, Tags tags, MeterRegistry registry) {
      Set<Object> known = Set.copyOf(field.values());
      Counter missing =
          Counter.builder("pillion.field.missing")
              .description("Missing values")
              .tags(tags)
              .register(registry);
      Counter.Builder unseen =
          Counter.builder("pillion.field.unseen")
              .description("Values the document lacks")
              .tags(tags);
      return new Field(missing, known.isEmpty() ? null : unseen.register(registry), known);
    }

    void count(Column column, int times) {
      boolean[] mask = column.missing();
      int absent = 0;
      for (boolean flag : mask) {
        absent += flag ? 1 : 0;
      }
      if (absent > 0) {
        missing.increment((double) absent * times);
      }
      if (unseen != null && absent < mask.length) {
        int found = countUnseen(column);
        if (found > 0) {
          unseen.increment((double) found * times);
        }
      }
    }

    private int countUnseen(Column column) {
      int found = 0;
      // Values that repeat are often the same object.
      Object last = null;
      boolean lastIsKnown = true;
      for (int row = 0; row < column.rows(); row++) {
        Object value = column.value(row);
        if (value != last) {
          last = value;
          lastIsKnown = value == null || known.contains(value);
        }
        found += lastIsKnown ? 0 : 1;
      }
      return found;
    }
  }
}
