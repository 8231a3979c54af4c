package org.pillion.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.ScoreRequest;
import org.pillion.ranker.VerificationSets;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.ScoreResult;

/** The facade gives the very bits that Spark computed, by every way to give candidates. */
final class VerificationSetsTest {
  private static final String OUTPUT = "probability(1)";

  private static ItemTable table;
  private static EmbeddedRanker ranker;

  @BeforeAll
  static void open() {
    ranker =
        EmbeddedRanker.of(VerificationSets.MODELS)
            .poll(Duration.ZERO)
            .items(version -> Optional.of(new ItemSource.Items(7, table)))
            .open();
  }

  @AfterAll
  static void close() {
    ranker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ranker", "titles30"})
  void score_verificationSet_hasSparksBits(String model) throws IOException {
    FeatureContract contract = ranker.contract(model, Deadline.none()).fields();
    ScoreResult scored =
        ranker
            .score(
                ScoreRequest.of(model, VerificationSets.inputs(model, contract)), Deadline.none())
            .result();

    VerificationSets.assertSparksBits(model, scored);
  }

  @Test
  void rank_fullRows_hasSparksBits() throws IOException {
    Map<String, List<?>> columns = columns();
    int rows = columns.get("user_ratings").size();
    List<Long> names = LongStream.range(0, rows).boxed().toList();

    RankAnswer answer =
        ranker.rank(
            RankRequest.of("ranker").candidates(columns).names(names).k(rows).build(),
            Deadline.none());

    assertEquals(rows, answer.candidates());
    Map<Long, Double> expected = expected();
    assertEquals(expected.size(), answer.items().size());
    for (int i = 0; i < answer.items().size(); i++) {
      assertEquals(expected.get((Long) answer.items().get(i)), answer.scores().get(i));
    }
  }

  @Test
  void rank_contextOnce_hasSparksBits() throws IOException {
    Map<String, List<?>> columns = columns();
    Map<String, String> sources = VerificationSets.sources("ranker");
    for (Map.Entry<Long, Double> row : expected().entrySet()) {
      int index = row.getKey().intValue();
      Map<String, List<?>> candidates = new LinkedHashMap<>();
      sources.forEach(
          (name, source) -> {
            if (source.equals("item")) {
              candidates.put(name, columns.get(name).subList(index, index + 1));
            }
          });

      RankAnswer answer =
          ranker.rank(
              RankRequest.of("ranker")
                  .context(context(columns, sources, index))
                  .candidates(candidates)
                  .strict()
                  .build(),
              Deadline.none());

      assertEquals(List.of(row.getValue()), answer.scores(), "row " + index);
    }
  }

  @Test
  void rank_ids_hasSparksBits() throws IOException {
    Map<String, List<?>> columns = columns();
    Map<String, String> sources = VerificationSets.sources("ranker");
    table = table(columns, sources);
    for (Map.Entry<Long, Double> row : expected().entrySet()) {
      RankAnswer answer =
          ranker.rank(
              RankRequest.of("ranker")
                  .context(context(columns, sources, row.getKey().intValue()))
                  .ids(List.of(row.getKey()))
                  .build(),
              Deadline.none());

      assertEquals(List.of(row.getKey()), answer.items());
      assertEquals(List.of(row.getValue()), answer.scores(), "row " + row.getKey());
      assertEquals(7, answer.featureVersion());
    }
  }

  @Test
  void rank_idsAndDescribedOnes_areRankedTogether() throws IOException {
    Map<String, List<?>> columns = columns();
    Map<String, String> sources = VerificationSets.sources("ranker");
    table = table(columns, sources);
    Iterator<Long> rows = expected().keySet().iterator();
    long named = rows.next();
    int late = rows.next().intValue();
    Map<String, Object> context = context(columns, sources, (int) named);
    Map<String, List<?>> described = new HashMap<>();
    sources.forEach(
        (name, source) -> {
          if (source.equals("item")) {
            described.put(name, columns.get(name).subList(late, late + 1));
          }
        });

    RankAnswer one = rank(RankRequest.of("ranker").context(context).ids(List.of(named)));
    RankAnswer other =
        rank(
            RankRequest.of("ranker")
                .context(context)
                .candidates(described)
                .names(List.of(1_000_000L)));
    RankAnswer both =
        rank(
            RankRequest.of("ranker")
                .context(context)
                .ids(List.of(named))
                .candidates(described)
                .names(List.of(1_000_000L)));

    assertEquals(2, both.candidates());
    assertEquals(one.scores().get(0), both.scores().get(both.items().indexOf(named)));
    assertEquals(other.scores().get(0), both.scores().get(both.items().indexOf(1_000_000L)));
  }

  @Test
  void rank_itemsWithoutAValue_takeTheDefault() throws IOException {
    Map<String, List<?>> columns = columns();
    Map<String, String> sources = VerificationSets.sources("ranker");
    Map.Entry<Long, Double> row = expected().entrySet().iterator().next();
    int index = row.getKey().intValue();
    Map<String, Object> values = new HashMap<>();
    Map<String, List<?>> gaps = new HashMap<>(columns);
    sources.forEach(
        (name, source) -> {
          Object value = columns.get(name).get(index);
          if (source.equals("item") && value != null) {
            values.put(name, value);
            List<Object> without = new ArrayList<>(columns.get(name));
            without.set(index, null);
            gaps.put(name, without);
          }
        });
    table = table(gaps, sources);

    RankAnswer filled =
        rank(
            RankRequest.of("ranker")
                .context(context(columns, sources, index))
                .ids(List.of(row.getKey()))
                .itemDefaults(values));

    assertEquals(List.of(row.getValue()), filled.scores());
  }

  private static RankAnswer rank(RankRequest.Builder request) {
    return ranker.rank(request.build(), Deadline.none());
  }

  private static Map<String, List<?>> columns() throws IOException {
    return VerificationSets.inputs("ranker", ranker.contract("ranker", Deadline.none()).fields());
  }

  private static Map<String, Object> context(
      Map<String, List<?>> columns, Map<String, String> sources, int row) {
    Map<String, Object> context = new HashMap<>();
    sources.forEach(
        (name, source) -> {
          if (!source.equals("item")) {
            context.put(name, columns.get(name).get(row));
          }
        });
    return context;
  }

  /** The scores by row, of the rows that have one: NaN is none. */
  private static Map<Long, Double> expected() throws IOException {
    Map<Long, Double> scores = new LinkedHashMap<>();
    List<JsonNode> rows = VerificationSets.expected("ranker");
    for (int row = 0; row < rows.size(); row++) {
      if (rows.get(row) != null) {
        Object score = VerificationSets.value(rows.get(row).get(OUTPUT), FieldType.DOUBLE);
        if (score instanceof Double number && !number.isNaN()) {
          scores.put((long) row, number);
        }
      }
    }
    return scores;
  }

  /** The rows' items under the rows' numbers. */
  private static ItemTable table(Map<String, List<?>> columns, Map<String, String> sources) {
    Map<String, FieldType> features = new LinkedHashMap<>();
    for (InputField input : ranker.contract("ranker", Deadline.none()).fields().inputs()) {
      if (sources.get(input.name()).equals("item")) {
        features.put(input.name(), input.type());
      }
    }
    List<String> names = new ArrayList<>(features.keySet());
    int rows = columns.get(names.get(0)).size();
    ItemTable.Builder items =
        new ItemTable.Builder(FieldType.INTEGER, features, rows, MemoryBudget.UNLIMITED);
    for (int row = 0; row < rows; row++) {
      items.add((long) row);
      for (int i = 0; i < names.size(); i++) {
        items.put(i, columns.get(names.get(i)).get(row));
      }
    }
    return items.build();
  }
}
