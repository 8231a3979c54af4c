package org.pillion.embedded;

import java.util.Collections;
import java.util.List;
import java.util.Map;
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

  /** The context of a request, with items that it names. */
  static CandidateBatch named(
      FeatureContract contract, RankRequest request, ResidentItems items, int[] rows) {
    request.requireKnown(contract);
    ItemColumns columns = items.columns();
    CandidateBatch.Builder batch = CandidateBatch.builder(contract, rows.length);
    for (int i = 0; i < contract.inputs().size(); i++) {
      if (!columns.has(i)) {
        InputField input = contract.inputs().get(i);
        batch.context(input.name(), contextColumn(input, request));
      }
    }
    return batch.items(items, rows).build();
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
