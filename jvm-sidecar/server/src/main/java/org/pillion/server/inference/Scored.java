package org.pillion.server.inference;

import org.pillion.registry.ModelVersion;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.metrics.Timings;

/**
 * A request and its outputs, before a transport writes them.
 *
 * @param model the version that scored
 * @param request the request
 * @param result every output of the model
 * @param timings where the time went
 * @param memory is asked before the answer grows
 */
public record Scored(
    ModelVersion model,
    InferRequest request,
    ScoreResult result,
    Timings timings,
    MemoryBudget memory) {
  /** The fields that begin the response. */
  public ResponseHeader header() {
    return new ResponseHeader(model, request.id(), null, result.errors(), timings);
  }
}
