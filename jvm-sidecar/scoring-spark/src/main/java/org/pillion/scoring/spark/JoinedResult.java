package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;

/** Results of parts of a batch, as one; of a row that is added twice, the last one counts. */
final class JoinedResult {
  private final List<OutputField> fields;
  private final List<ColumnBuilder> columns = new ArrayList<>();
  private final RowError[] errors;

  /** Per row of the batch, its position among those that were added. */
  private final int[] positions;

  private int end;

  /**
   * No rows yet.
   *
   * @param rows how many the batch has
   */
  JoinedResult(int rows, List<OutputField> fields) {
    this.fields = fields;
    this.errors = new RowError[rows];
    this.positions = new int[rows];
    for (OutputField field : fields) {
      columns.add(new ColumnBuilder(field.name(), field.type(), rows));
    }
  }

  /**
   * Adds a part.
   *
   * @param rows the positions of its rows in the batch
   * @return this
   */
  JoinedResult add(ScoreResult part, int[] rows) {
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).addAll(part.columns().get(i));
    }
    for (int row : rows) {
      positions[row] = end++;
      errors[row] = null;
    }
    for (RowError error : part.errors()) {
      int row = rows[error.row()];
      errors[row] = error.at(row);
    }
    return this;
  }

  /** The result, once all rows were added. */
  ScoreResult build() {
    List<Column> all = columns.stream().map(column -> column.build().take(positions)).toList();
    List<RowError> some = Stream.of(errors).filter(Objects::nonNull).toList();
    return new ScoreResult(positions.length, fields, all, some);
  }
}
