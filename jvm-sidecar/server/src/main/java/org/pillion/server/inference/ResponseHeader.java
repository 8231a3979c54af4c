package org.pillion.server.inference;

import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.RowError;
import org.pillion.server.metrics.Timings;

/**
 * The fields that begin every response of a version.
 *
 * @param model the version that scored
 * @param id the request's id, or null
 * @param reason why a ranking has no items; null where it has some, and where nothing is ranked
 * @param errors the rows that could not be scored
 * @param timings where the time went
 */
public record ResponseHeader(
    ModelVersion model, String id, String reason, List<RowError> errors, Timings timings) {
  /** The name of the parameter that has the reason. */
  public static final String REASON = "reason";
}
