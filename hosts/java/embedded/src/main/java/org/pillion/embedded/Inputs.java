package org.pillion.embedded;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankRequest;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.ResidentItems;

/** Puts the values of requests into the columns that a version takes. */
final class Inputs {
  private Inputs() {}

  /** The records of a request to score; a field that is not given is missing. */
  static ColumnBatch records(FeatureContract contract, Map<String, List<?>> columns, int rows) {
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    for (InputField input : contract.inputs()) {
      List<?> values = columns.get(input.name());
      List<?> given = values == null ? Collections.nCopies(rows, null) : values;
      batch.add(input.name(), column(input, given));
    }
    return batch.build();
  }

  /** The context of a request alone, as one row. */
  static CandidateBatch context(FeatureContract contract, RankRequest request) {
    return described(contract, request, 1);
  }

  /** The context of a request, with candidates that it describes. */
  static CandidateBatch described(FeatureContract contract, RankRequest request, int rows) {
    request.requireKnown(contract);
    CandidateBatch.Builder batch = CandidateBatch.builder(contract, rows);
    for (InputField input : contract.inputs()) {
      List<?> values = request.candidates() == null ? null : request.candidates().get(input.name());
      if (values != null) {
        batch.candidates(input.name(), column(input, values));
      } else {
        batch.context(input.name(), contextColumn(input, request));
      }
    }
    return batch.build();
  }

  /**
   * The context of a request, with items that it names, and after them those that it describes.
   *
   * @throws InvalidRequest when something that the items have is not said of a described one
   */
  static CandidateBatch named(
      FeatureContract contract, RankRequest request, ResidentItems items, int[] rows) {
    request.requireKnown(contract);
    ItemColumns columns = items.columns();
    boolean asTheyAre = request.candidates() == null && !hasGaps(contract, request, columns, rows);
    CandidateBatch.Builder batch =
        CandidateBatch.builder(contract, rows.length + request.described());
    for (int i = 0; i < contract.inputs().size(); i++) {
      InputField input = contract.inputs().get(i);
      if (!columns.has(i)) {
        batch.context(input.name(), contextColumn(input, request));
      } else if (!asTheyAre) {
        batch.candidates(input.name(), taken(input, columns.column(i), rows, request));
      }
    }
    return asTheyAre ? batch.items(items, rows).build() : batch.build();
  }

  /** Whether an item lacks a value that a default stands in for. */
  private static boolean hasGaps(
      FeatureContract contract, RankRequest request, ItemColumns columns, int[] rows) {
    for (String name : request.itemDefaults().keySet()) {
      Integer position = contract.inputPositions().get(name);
      if (position != null
          && columns.has(position)
          && IntStream.of(rows).anyMatch(columns.column(position)::isMissing)) {
        return true;
      }
    }
    return false;
  }

  /** An input of the items named and described, with its default in place of what is missing. */
  private static Column taken(InputField input, Column items, int[] rows, RankRequest request) {
    String name = input.name();
    int described = request.described();
    List<?> values = described == 0 ? List.of() : request.candidates().get(name);
    if (values == null) {
      throw new InvalidRequest(
          name, "%d candidates are described, but not their '%s'".formatted(described, name), null);
    }
    Object substitute = request.itemDefaults().get(name);
    ColumnBuilder column = new ColumnBuilder(name, input.type(), rows.length + described);
    for (int row : rows) {
      column.addBoxed(items.isMissing(row) ? substitute : items.value(row));
    }
    for (Object value : values) {
      column.addBoxed(value == null ? substitute : value);
    }
    return column.build();
  }

  private static Column contextColumn(InputField input, RankRequest request) {
    return column(input, Collections.singletonList(request.context().get(input.name())));
  }

  private static Column column(InputField input, List<?> values) {
    ColumnBuilder column = new ColumnBuilder(input.name(), input.type(), values.size());
    for (Object value : values) {
      column.addBoxed(value);
    }
    return column.build();
  }
}
