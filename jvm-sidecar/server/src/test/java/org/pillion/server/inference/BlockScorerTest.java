package org.pillion.server.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/** Batches in blocks: the same rows and errors, and no more allocated at a time than may be. */
final class BlockScorerTest {
  private static final int ROWS = 5_000;
  private static final long BLOCK_BYTES = 1 << 20;

  /** Doubles its input, fails every hundredth row, and allocates a kilobyte a row. */
  private static final class Doubling implements Scorer {
    private final List<Integer> blocks = new ArrayList<>();
    private byte[][] garbage;

    @Override
    public String engine() {
      return "test";
    }

    @Override
    public Arithmetic arithmetic() {
      return Arithmetic.SPARK;
    }

    @Override
    public FeatureContract contract() {
      return new FeatureContract(
          List.of(InputField.of("x", FieldType.DOUBLE, OperationalType.CONTINUOUS)),
          List.of(new OutputField("y", FieldType.DOUBLE, OutputKind.TARGET, null)));
    }

    @Override
    public ScoreResult score(ColumnBatch batch) {
      blocks.add(batch.rows());
      garbage = new byte[batch.rows()][1 << 10];
      double[] values = ((Column.Doubles) batch.column(0)).values();
      double[] scores = new double[values.length];
      boolean[] missing = new boolean[values.length];
      List<RowError> errors = new ArrayList<>();
      for (int row = 0; row < scores.length; row++) {
        scores[row] = 2 * values[row];
        missing[row] = values[row] % 100 == 0;
        if (missing[row]) {
          errors.add(new RowError(row, "x", "" + values[row], "a hundredth row"));
        }
      }
      return new ScoreResult(
          scores.length,
          contract().outputs(),
          List.of(new Column.Doubles(scores, missing)),
          errors);
    }
  }

  private static CandidateBatch batch(Scorer scorer, int rows) {
    double[] values = IntStream.range(0, rows).asDoubleStream().toArray();
    Column column = new Column.Doubles(values, new boolean[rows]);
    return CandidateBatch.builder(scorer.contract(), rows).candidates("x", column).build();
  }

  @Test
  void score_manyRows_isWhatTheWholeBatchGives() {
    Doubling scorer = new Doubling();
    CandidateBatch batch = batch(scorer, ROWS);

    ScoreResult blocks = new BlockScorer(BLOCK_BYTES).score(scorer, batch, MemoryBudget.UNLIMITED);

    ScoreResult whole = scorer.score(batch);
    assertEquals(ROWS, blocks.rows());
    assertEquals(whole.errors(), blocks.errors());
    Column.Doubles found = (Column.Doubles) blocks.columns().get(0);
    Column.Doubles expected = (Column.Doubles) whole.columns().get(0);
    assertArrayEquals(expected.values(), found.values());
    assertArrayEquals(expected.missing(), found.missing());
  }

  @Test
  void score_manyRows_allocatesForABlockAtATime() {
    Doubling scorer = new Doubling();

    new BlockScorer(BLOCK_BYTES).score(scorer, batch(scorer, ROWS), MemoryBudget.UNLIMITED);

    // A row takes a kilobyte and its columns, so a block of a megabyte has less than 1,024 rows.
    assertEquals(64, scorer.blocks.get(0));
    assertTrue(scorer.blocks.stream().allMatch(rows -> rows < 1_024), scorer.blocks.toString());
    assertTrue(scorer.blocks.size() < 20, scorer.blocks.toString());
  }

  @Test
  void rank_manyRows_isWhatTheWholeBatchGives() {
    Doubling scorer = new Doubling();
    double[] values = IntStream.range(0, ROWS).mapToDouble(row -> row % 333).toArray();
    CandidateBatch batch =
        CandidateBatch.builder(scorer.contract(), ROWS)
            .candidates("x", new Column.Doubles(values, new boolean[ROWS]))
            .build();
    RankRule rule = new RankRule("y", 20, (a, b) -> Integer.compare(b, a));

    RankResult blocks =
        new BlockScorer(BLOCK_BYTES).rank(scorer, batch, rule, MemoryBudget.UNLIMITED);

    RankResult whole = RankResult.of(scorer.score(batch), rule);
    assertTrue(scorer.blocks.size() > 3, scorer.blocks.toString());
    assertArrayEquals(whole.rows(), blocks.rows());
    assertArrayEquals(whole.scores(), blocks.scores());
    assertEquals(whole.unscored(), blocks.unscored());
    assertEquals(whole.errors(), blocks.errors());
  }
}
