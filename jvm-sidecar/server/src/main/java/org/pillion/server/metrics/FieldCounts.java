package org.pillion.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.InputField;
import org.pillion.scoring.Scorer;

/**
 * Counts, per input field of one version, the missing values, and those that the document does not
 * declare.
 */
final class FieldCounts {
  private final WeakReference<Scorer> scorer;
  private final List<Field> fields;

  FieldCounts(ModelVersion model, MeterRegistry registry) {
    scorer = new WeakReference<>(model.scorer());
    fields =
        model.scorer().contract().inputs().stream()
            .map(field -> Field.of(field, model, registry))
            .toList();
  }

  /** Whether these are the fields of a scorer; a version's content may have been replaced. */
  boolean areOf(ModelVersion model) {
    return scorer.refersTo(model.scorer());
  }

  /** Counts values; a value of the context counts for every row. */
  void count(CandidateBatch batch) {
    for (int i = 0; i < fields.size(); i++) {
      fields.get(i).count(batch.column(i), batch.isContext(i) ? batch.rows() : 1);
    }
  }

  private record Field(Counter missing, Counter unseen, Set<Object> known) {
    static Field of(InputField field, ModelVersion model, MeterRegistry registry) {
      Set<Object> known = field.values().stream().collect(Collectors.toUnmodifiableSet());
      return new Field(
          counter("pillion.field.missing", "Missing values", field, model, registry),
          known.isEmpty()
              ? null
              : counter(
                  "pillion.field.unseen", "Values the document lacks", field, model, registry),
          known);
    }

    private static Counter counter(
        String name, String text, InputField field, ModelVersion model, MeterRegistry registry) {
      return Counter.builder(name)
          .description(text)
          .tags("model", model.id().model(), "version", "" + model.id().version())
          .tag("field", field.name())
          .register(registry);
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
