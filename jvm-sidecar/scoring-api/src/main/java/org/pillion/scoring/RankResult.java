package org.pillion.scoring;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The best candidates of a batch, the best first.
 *
 * <p>A candidate without a score, because it is missing, NaN or of a row that cannot be scored, is
 * never among them. Both zeros are equal.
 *
 * @param rows their positions in the batch
 * @param scores their scores
 * @param unscored how many candidates have no score
 * @param errors the rows that cannot be scored, in row order
 */
public record RankResult(int[] rows, double[] scores, int unscored, List<RowError> errors) {
  public RankResult {
    errors = List.copyOf(errors);
  }

  /**
   * The best rows of a result.
   *
   * @throws InvalidInput when the result has no output of the rule's name
   */
  public static RankResult of(ScoreResult result, RankRule rule) {
    return of(scores(result, rule), rule.k(), rule.ties(), result.errors());
  }

  /**
   * The best of scored candidates.
   *
   * @param scores one per candidate; NaN for none
   */
  public static RankResult of(double[] scores, int k, TieOrder ties, List<RowError> errors) {
    RankBuilder builder = new RankBuilder(new RankRule("", k, ties), scores.length);
    for (int row = 0; row < scores.length; row++) {
      builder.add(row, scores[row]);
    }
    RankResult best = builder.build();
    return new RankResult(best.rows, best.scores, best.unscored, errors);
  }

  /** The scores of a result, by the output that a rule names; NaN where there is none. */
  static double[] scores(ScoreResult result, RankRule rule) {
    List<String> names = result.fields().stream().map(OutputField::name).toList();
    int position = names.indexOf(rule.output());
    if (position < 0) {
      throw new InvalidInput("the model has no output '" + rule.output() + "' to rank by");
    }
    return numbers(result.columns().get(position));
  }

  private static double[] numbers(Column column) {
    if (column instanceof Column.Doubles doubles && !anyMissing(doubles)) {
      return doubles.values();
    }
    return IntStream.range(0, column.rows())
        .mapToDouble(
            row -> column.value(row) instanceof Number number ? number.doubleValue() : Double.NaN)
        .toArray();
  }

  private static boolean anyMissing(Column column) {
    for (boolean flag : column.missing()) {
      if (flag) {
        return true;
      }
    }
    return false;
  }
}
