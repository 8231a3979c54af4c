package org.pillion.server.inference;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RankBuilder;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/**
 * Scores a batch in blocks of rows, so that what an engine allocates at a time is bounded.
 *
 * <p>A row's scores don't depend on the other rows, so blocks change no bit. How many rows a block
 * has follows from what the engine allocated for those before.
 */
public final class BlockScorer {
  /** Of a scorer that has not scored yet, and to learn from: one row says little of many. */
  private static final int FEW_ROWS = 64;

  private static final int MOST_ROWS = 8_192;

  /** An error with its message, and as the answer's text. */
  private static final int ERROR_BYTES = 2_048;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long blockBytes;
  private final Map<Scorer, Integer> rowsOf = Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * A scorer in blocks.
   *
   * @param blockBytes what an engine may allocate for a block, roughly
   */
  public BlockScorer(long blockBytes) {
    this.blockBytes = blockBytes;
  }

  /**
   * Scores a batch.
   *
   * @param memory is asked for the columns of the result
   */
  ScoreResult score(Scorer scorer, CandidateBatch batch, MemoryBudget memory) {
    List<OutputField> fields = scorer.contract().outputs();
    int rows = rowsOf.getOrDefault(scorer, FEW_ROWS);
    if (batch.rows() <= rows) {
      memory.take(fields.stream().mapToLong(f -> f.type().rowBytes()).sum() * batch.rows());
      return measured(scorer, batch, memory);
    }
    List<ColumnBuilder> columns = new ArrayList<>(fields.size());
    for (OutputField field : fields) {
      columns.add(new ColumnBuilder(field.name(), field.type(), batch.rows(), memory));
    }
    List<RowError> errors = new ArrayList<>();
    int start = 0;
    while (start < batch.rows()) {
      int end = Math.min(batch.rows(), start + rowsOf.getOrDefault(scorer, FEW_ROWS));
      ScoreResult block = measured(scorer, batch.slice(start, end), memory);
      for (int i = 0; i < columns.size(); i++) {
        columns.get(i).addAll(block.columns().get(i));
      }
      for (RowError error : block.errors()) {
        errors.add(
            new RowError(start + error.row(), error.field(), error.value(), error.message()));
      }
      start = end;
    }
    return new ScoreResult(
        batch.rows(), fields, columns.stream().map(ColumnBuilder::build).toList(), errors);
  }

  /**
   * Ranks a batch.
   *
   * @param memory is asked for errors; of the scores, those of the best are kept
   */
  RankResult rank(Scorer scorer, CandidateBatch batch, RankRule rule, MemoryBudget memory) {
    if (batch.rows() <= rowsOf.getOrDefault(scorer, FEW_ROWS)) {
      return measuredRank(scorer, batch, rule, memory);
    }
    RankBuilder best = new RankBuilder(rule, batch.rows());
    int start = 0;
    while (start < batch.rows()) {
      int end = Math.min(batch.rows(), start + rowsOf.getOrDefault(scorer, FEW_ROWS));
      CandidateBatch part = batch.slice(start, end);
      best.add(measuredRank(scorer, part, rule.from(start), memory), start);
      start = end;
    }
    return best.build();
  }

  private ScoreResult measured(Scorer scorer, CandidateBatch batch, MemoryBudget memory) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    ScoreResult result = scorer.score(batch);
    learn(scorer, batch, before);
    memory.take((long) ERROR_BYTES * result.errors().size());
    return result;
  }

  private RankResult measuredRank(
      Scorer scorer, CandidateBatch batch, RankRule rule, MemoryBudget memory) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    RankResult result = scorer.rank(batch, rule);
    learn(scorer, batch, before);
    memory.take((long) ERROR_BYTES * result.errors().size());
    return result;
  }

  private void learn(Scorer scorer, CandidateBatch batch, long before) {
    if (batch.rows() >= FEW_ROWS) {
      long row = Math.max(1, (THREADS.getCurrentThreadAllocatedBytes() - before) / batch.rows());
      rowsOf.put(scorer, (int) Math.max(1, Math.min(MOST_ROWS, blockBytes / row)));
    }
  }
}
