package org.pillion.server.inference;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.errors.RequestException;
import org.pillion.server.metrics.Metrics;
import org.pillion.server.metrics.Timings;
import org.pillion.server.text.Truncated;

/** Scores and ranks the requests of every transport, on the workers' threads. */
public final class InferService {
  private static final int MAX_ROW_MESSAGE = 500;

  private final Metrics metrics;
  private final BlockScorer blocks;

  /**
   * A service.
   *
   * @param blocks scores batches of any length
   */
  public InferService(Metrics metrics, BlockScorer blocks) {
    this.metrics = metrics;
    this.blocks = blocks;
  }

  /** The same with other counts. */
  InferService counting(Metrics metrics) {
    return new InferService(metrics, blocks);
  }

  /**
   * Scores a request.
   *
   * @param memory what the request may take
   * @param reader reads the request from its bytes
   * @param writer writes the answer
   * @param queueNanos how long the request waited for a worker
   * @throws RequestException when a row cannot be scored and the caller did not ask for nulls
   */
  public <A> A answer(
      ModelVersion model,
      MemoryBudget memory,
      Supplier<InferRequest> reader,
      Function<Scored, A> writer,
      long queueNanos) {
    return timed(
        model,
        queueNanos,
        clock -> {
          InferRequest request = reader.get();
          clock.parsed();
          MemoryBudget answer = new AnswerMemory(model.scorer().contract(), request, memory);
          ScoreResult result = blocks.score(model.scorer(), request.batch(), memory);
          clock.scored(request.batch().rows());
          metrics.scored(model, request.batch(), result.errors().size());
          if (!result.errors().isEmpty() && !request.nullOnRowError()) {
            throw new RequestException(RequestException.Kind.INVALID, sentence(result.errors()));
          }
          return writer.apply(new Scored(model, request, result, clock.timings(), answer));
        });
  }

  /**
   * Scores and ranks a request; a row that cannot be scored is a candidate without a score.
   *
   * @param memory what the request may take
   * @param reader reads the request from its bytes
   * @param writer writes the answer
   * @param queueNanos how long the request waited for a worker
   * @throws RequestException when the model ranks nothing, or is to be explained and cannot be
   */
  public <A> A rank(
      ModelVersion model,
      MemoryBudget memory,
      Supplier<RankRequest> reader,
      Function<Ranked, A> writer,
      long queueNanos) {
    return timed(
        model,
        queueNanos,
        clock -> {
          RankRequest request = reader.get();
          clock.parsed();
          Ranker.Best best = Ranker.rank(model, request, blocks, memory);
          RankResult result = best.result();
          List<Explanation> explanations =
              request.explain() ? ItemExplainer.explain(model, request, best) : null;
          clock.scored(request.rows().batch().rows());
          metrics.scored(model, request.rows().batch(), result.errors().size());
          ResponseHeader header =
              new ResponseHeader(
                  model, request.rows().id(), best.reason(), result.errors(), clock.timings());
          return writer.apply(
              new Ranked(
                  header,
                  best.items(),
                  result.rows(),
                  result.scores(),
                  best.candidates(),
                  request.featureVersion(),
                  result.unscored(),
                  request.names() == null ? null : request.names().shortlist(),
                  explanations));
        });
  }

  private <A> A timed(ModelVersion model, long queueNanos, Function<Clock, A> work) {
    Clock clock = new Clock(queueNanos);
    try {
      A answer = work.apply(clock);
      metrics.succeeded(model.id(), clock.rows, clock.timings(), System.nanoTime() - clock.scored);
      return answer;
    } catch (RuntimeException | Error e) {
      metrics.failed(model.id(), System.nanoTime() - clock.start + queueNanos);
      throw e;
    }
  }

  /** Times of the steps of one request. */
  private static final class Clock {
    private final long queueNanos;
    private final long start = System.nanoTime();
    private long parsed;
    private long scored;
    private int rows;

    Clock(long queueNanos) {
      this.queueNanos = queueNanos;
    }

    void parsed() {
      parsed = System.nanoTime();
    }

    void scored(int rows) {
      scored = System.nanoTime();
      this.rows = rows;
    }

    Timings timings() {
      return new Timings(queueNanos, parsed - start, scored - parsed);
    }
  }

  private static String sentence(List<RowError> errors) {
    RowError first = errors.get(0);
    String more =
        errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more rows with errors)";
    return "row " + first.row() + ": " + Truncated.of(first.message(), MAX_ROW_MESSAGE) + more;
  }
}
