package org.pillion.registry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.ScoreResult;

/**
 * The best items of a model whose classes are its items.
 *
 * @param items the items, best first
 * @param outputs per item, the output that is its score
 * @param result the ranking; its rows are positions among the items that were ranked
 * @param candidates how many items were ranked
 */
public record RankedClasses(
    List<Long> items, List<String> outputs, RankResult result, int candidates) {
  /**
   * Ranks the classes of one row; ties by rising item.
   *
   * @param scored the row's outputs
   * @param k how many items are wanted, at most
   * @param allowed which items may be returned
   * @throws InvalidModel when the rule names an output that there is not
   */
  public static RankedClasses of(
      ScoreResult scored, Ranking.ByClass rule, int k, Predicate<Long> allowed) {
    List<String> names = scored.fields().stream().map(OutputField::name).toList();
    List<Long> items = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    double[] scores = new double[rule.items().size()];
    for (Map.Entry<String, Long> entry : rule.items().entrySet()) {
      if (allowed.test(entry.getValue())) {
        int position = names.indexOf(entry.getKey());
        if (position < 0) {
          throw new InvalidModel(
              "the manifest ranks by '" + entry.getKey() + "', which is no output");
        }
        Column column = scored.columns().get(position);
        scores[items.size()] =
            column.value(0) instanceof Number number ? number.doubleValue() : Double.NaN;
        items.add(entry.getValue());
        outputs.add(entry.getKey());
      }
    }
    RankResult result =
        RankResult.of(
            Arrays.copyOf(scores, items.size()),
            k,
            (a, b) -> Long.compare(items.get(a), items.get(b)),
            scored.errors());
    return new RankedClasses(
        Arrays.stream(result.rows()).mapToObj(items::get).toList(),
        Arrays.stream(result.rows()).mapToObj(outputs::get).toList(),
        result,
        items.size());
  }
}
