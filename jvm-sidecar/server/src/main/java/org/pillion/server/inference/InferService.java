package org.pillion.server.inference;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;

/** Answers inference requests of every transport; runs on the workers' threads. */
public final class InferService {
  private static final int MAX_ROW_MESSAGE = 500;

  private final Metrics metrics;
  private final Statistics statistics;

  public InferService(Metrics metrics, Statistics statistics) {
    this.metrics = metrics;
    this.statistics = statistics;
  }

  /**
   * Scores a request.
   *
   * @param reader reads the request from its bytes
   * @param writer writes the answer
   * @param queueNanos how long the request waited for a worker
   * @throws Failure when a row cannot be scored and the caller did not ask for nulls
   */
  public <A> A answer(
      ModelVersion model,
      Supplier<InferRequest> reader,
      Function<Scored, A> writer,
      long queueNanos) {
    long start = System.nanoTime();
    try {
      InferRequest request = reader.get();
      long parsed = System.nanoTime();
      ScoreResult result = model.scorer().score(request.batch());
      long scored = System.nanoTime();
      metrics.scored(model, request.batch(), result);
      if (!result.errors().isEmpty() && !request.nullOnRowError()) {
        throw new Failure(Failure.Kind.INVALID, sentence(result.errors()));
      }
      Timings timings = new Timings(queueNanos, parsed - start, scored - parsed);
      A answer = writer.apply(new Scored(model, request, result, timings));
      statistics.succeeded(model.id(), result.rows(), timings, System.nanoTime() - scored);
      return answer;
    } catch (RuntimeException | Error e) {
      statistics.failed(model.id(), System.nanoTime() - start + queueNanos);
      throw e;
    }
  }

  private static String sentence(List<RowError> errors) {
    RowError first = errors.get(0);
    String more =
        errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more rows with errors)";
    return "row " + first.row() + ": " + Excerpt.of(first.message(), MAX_ROW_MESSAGE) + more;
  }
}
