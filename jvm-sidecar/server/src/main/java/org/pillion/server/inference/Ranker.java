package org.pillion.server.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.Ranking;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OutputField;

/** Orders scored candidates by the rule of the model's manifest. */
public final class Ranker {
  private final double[] scores;
  private final List<Object> items;

  private Ranker(double[] scores, List<Object> items) {
    this.scores = scores;
    this.items = items;
  }

  /**
   * The best items of a scored request.
   *
   * @throws InvalidInput when the request does not fit the model's ranking
   */
  public static Ranked rank(Scored scored, RankRequest request) {
    Ranking ranking = ranking(scored.model());
    Ranker ranker =
        ranking instanceof Ranking.ByScore rule
            ? byScore(scored, request, rule)
            : byClass(scored, request, (Ranking.ByClass) ranking);
    return ranker.best(request.k());
  }

  /**
   * The rule of a model.
   *
   * @throws Failure when it has none
   */
  public static Ranking ranking(ModelVersion model) {
    return model
        .ranking()
        .orElseThrow(
            () ->
                new Failure(
                    Failure.Kind.INVALID,
                    "version %d of the model '%s' ranks nothing: its manifest has no ranking"
                        .formatted(model.id().version(), model.id().model())));
  }

  private static Ranker byScore(Scored scored, RankRequest request, Ranking.ByScore rule) {
    int rows = scored.result().rows();
    if (request.items() != null && request.items().rows() != rows) {
      throw new InvalidInput(
          "'items' has %d values, but there are %d candidates"
              .formatted(request.items().rows(), rows));
    }
    List<Object> items =
        request.items() == null
            ? IntStream.range(0, rows).mapToObj(row -> (Object) (long) row).toList()
            : IntStream.range(0, rows).mapToObj(request.items()::value).toList();
    return new Ranker(numbers(scored, rule.output()), items);
  }

  private static Ranker byClass(Scored scored, RankRequest request, Ranking.ByClass rule) {
    if (scored.result().rows() != 1) {
      throw new InvalidInput(
          "the model's classes are its items, so it takes a context without candidates");
    }
    Set<Object> allowed = null;
    if (request.items() != null) {
      allowed = new HashSet<>();
      for (int i = 0; i < request.items().rows(); i++) {
        allowed.add(request.items().value(i));
      }
    }
    List<Object> items = new ArrayList<>();
    double[] scores = new double[rule.items().size()];
    for (Map.Entry<String, Long> entry : rule.items().entrySet()) {
      if (allowed == null || allowed.contains(entry.getValue())) {
        scores[items.size()] = numbers(scored, entry.getKey())[0];
        items.add(entry.getValue());
      }
    }
    return new Ranker(Arrays.copyOf(scores, items.size()), items);
  }

  /** An output's values, in which NaN stands for what is missing. */
  private static double[] numbers(Scored scored, String output) {
    List<String> names = scored.result().fields().stream().map(OutputField::name).toList();
    int position = names.indexOf(output);
    if (position < 0) {
      throw new Failure(
          Failure.Kind.INTERNAL, "the manifest ranks by '" + output + "', which is no output");
    }
    Column column = scored.result().columns().get(position);
    double[] numbers = new double[column.rows()];
    for (int row = 0; row < numbers.length; row++) {
      numbers[row] = column.value(row) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
    return numbers;
  }

  private Ranked best(int k) {
    Comparator<Integer> better = this::compare;
    PriorityQueue<Integer> kept = new PriorityQueue<>(better.reversed());
    int unscored = 0;
    for (int row = 0; row < scores.length; row++) {
      if (Double.isNaN(scores[row])) {
        unscored++;
      } else if (kept.size() < k) {
        kept.add(row);
      } else if (k > 0 && compare(row, kept.peek()) < 0) {
        kept.poll();
        kept.add(row);
      }
    }
    int[] rows = kept.stream().sorted(better).mapToInt(Integer::intValue).toArray();
    return new Ranked(
        Arrays.stream(rows).mapToObj(items::get).toList(),
        rows,
        Arrays.stream(rows).mapToDouble(row -> scores[row]).toArray(),
        unscored);
  }

  /** Negative where the first is the better one; both zeros are equal. */
  private int compare(int a, int b) {
    if (scores[a] != scores[b]) {
      return scores[a] > scores[b] ? -1 : 1;
    }
    Object first = items.get(a);
    Object second = items.get(b);
    int order =
        first instanceof Long number
            ? number.compareTo((Long) second)
            : ((String) first).compareTo((String) second);
    return order != 0 ? order : Integer.compare(a, b);
  }
}
