package org.pillion.ranker;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records to score.
 *
 * @param model the model
 * @param version the version, or 0 for the one that serves
 * @param columns values by field, one a record, in one order; null is a missing value. A field that
 *     the version does not take is left aside, and one that is not given is missing in every record
 */
public record ScoreRequest(String model, long version, Map<String, List<?>> columns) {
  public ScoreRequest {
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
  }

  /** Records for the version that serves. */
  public static ScoreRequest of(String model, Map<String, List<?>> columns) {
    return new ScoreRequest(model, 0, columns);
  }

  /**
   * How many records there are.
   *
   * @throws InvalidRequest when fields have different numbers of values
   */
  public int rows() {
    return Columns.rows(columns);
  }
}
