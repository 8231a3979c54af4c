package org.pillion.ranker;

import java.util.concurrent.CompletableFuture;

/**
 * Ranks candidates by the models that serve; safe for use by any number of threads.
 *
 * <p>A call is answered by one version from its start to its end, however often versions change
 * meanwhile.
 */
public interface Ranker extends AutoCloseable {
  /**
   * Ranks on the calling thread, which waits for the answer.
   *
   * @throws InvalidRequest when the request does not fit the model; names the field
   * @throws DeadlineExceeded when the time was over before there was an answer
   * @throws RankerUnavailable when no version can answer now
   */
  RankAnswer rank(RankRequest request, Deadline deadline);

  /**
   * Ranks on other threads.
   *
   * @return the answer, or a future that fails with one of the exceptions of {@link #rank}
   */
  CompletableFuture<RankAnswer> rankAsync(RankRequest request, Deadline deadline);

  /**
   * Scores records: every output of the model for every one of them.
   *
   * @throws InvalidRequest when the request does not fit the model; names the field
   * @throws DeadlineExceeded when the time was over before there was an answer
   * @throws RankerUnavailable when no version can answer now
   */
  ScoreAnswer score(ScoreRequest request, Deadline deadline);

  /**
   * What the serving version of a model takes and returns.
   *
   * @throws RankerUnavailable when no version can answer now
   */
  ModelContract contract(String model, Deadline deadline);

  @Override
  void close();
}
