package org.pillion.ranker;

import java.util.List;
import java.util.Map;

/** Checks of values by field. */
final class Columns {
  private Columns() {}

  /** The number of values that every field has; 0 without fields. */
  static int rows(Map<String, List<?>> columns) {
    String first = null;
    int rows = 0;
    for (Map.Entry<String, List<?>> column : columns.entrySet()) {
      int count = column.getValue().size();
      if (first == null) {
        first = column.getKey();
        rows = count;
      } else if (count != rows) {
        throw new InvalidRequest(
            column.getKey(),
            "the field '%s' has %d values, but '%s' has %d"
                .formatted(column.getKey(), count, first, rows),
            null);
      }
    }
    return rows;
  }
}
