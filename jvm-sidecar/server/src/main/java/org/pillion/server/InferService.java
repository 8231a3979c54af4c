package org.pillion.server;

import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;

/** Answers inference requests, from bytes to bytes; runs on the workers' threads. */
final class InferService {
  private final Metrics metrics;
  private final int maxRows;

  InferService(Metrics metrics, int maxRows) {
    this.metrics = metrics;
    this.maxRows = maxRows;
  }

  /**
   * Scores a request body.
   *
   * @param queueNanos how long the request waited for a worker
   */
  Answer infer(ModelVersion model, byte[] body, long queueNanos) {
    long start = System.nanoTime();
    InferRequest request = InferRequestReader.read(model.scorer().contract(), maxRows, body);
    long parsed = System.nanoTime();
    ScoreResult result = model.scorer().score(request.batch());
    long scored = System.nanoTime();
    metrics.scored(model, result);
    if (!result.errors().isEmpty() && !request.nullOnRowError()) {
      throw new HttpFailure(400, sentence(result.errors()));
    }
    Timings timings = new Timings(queueNanos, parsed - start, scored - parsed);
    return Answer.json(200, InferResponseWriter.write(model, request, result, timings));
  }

  private static String sentence(List<RowError> errors) {
    RowError first = errors.get(0);
    String more =
        errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more rows with errors)";
    return "row " + first.row() + ": " + Excerpt.of(first.message(), 500) + more;
  }
}
