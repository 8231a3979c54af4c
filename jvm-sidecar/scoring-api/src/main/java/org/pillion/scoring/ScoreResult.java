package org.pillion.scoring;

import java.util.List;

/**
 * The outputs of a batch, row by row in the batch's order.
 *
 * <p>A row with an error is missing in every column; it changes no other row. NaN is Java's own in
 * every column, whatever sign and payload an operation left in it: no route tells them apart.
 *
 * @param rows number of rows
 * @param fields the output fields
 * @param columns one column per output field, in the same order
 * @param errors at most one error per row, in row order
 */
public record ScoreResult(
    int rows, List<OutputField> fields, List<Column> columns, List<RowError> errors) {
  public ScoreResult {
    fields = List.copyOf(fields);
    columns = columns.stream().map(Column::withOneNan).toList();
    errors = List.copyOf(errors);
    if (fields.size() != columns.size()) {
      throw new IllegalArgumentException(
          fields.size() + " output fields but " + columns.size() + " columns");
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).rows() != rows) {
        throw new IllegalArgumentException(
            "output '" + fields.get(i).name() + "' does not have " + rows + " rows");
      }
    }
  }
}
