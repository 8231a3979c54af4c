package org.pillion.server.inference;

import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.RowError;

/**
 * What every answer of a version begins with.
 *
 * @param model the version that scored
 * @param id what the caller calls the request, or null
 * @param errors the rows that could not be scored
 * @param timings where the time went
 */
public record ResponseHeader(
    ModelVersion model, String id, List<RowError> errors, Timings timings) {}
