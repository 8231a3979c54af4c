package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.Engines;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.TieOrder;

/**
 * Items of which a model has computed what it can have the bits, and the errors, of full rows,
 * however inputs are divided between context, items and candidates.
 */
class ResidentItemsTest {
  private static final Engines ENGINES = Engines.installed();
  private static final Map<Path, RealDocument> DOCUMENTS = new HashMap<>();
  private static final Map<Path, Scorer> SCORERS = new HashMap<>();

  /** What may be kept of an item: nothing, so little that it takes a choice, and all. */
  private static final int[] BYTES = {0, 10, 40, 1 << 20};

  @Provide
  Arbitrary<Path> documents() {
    return Arbitraries.of(RealDocument.folders());
  }

  @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
  void score_ofResidentItems_hasTheBitsOfTheFullRows(
      @ForAll("documents") Path folder,
      @ForAll @IntRange(max = 100) int ofContext,
      @ForAll @IntRange(max = 100) int ofItems,
      @ForAll @IntRange(max = 40) int candidates,
      @ForAll long seed)
      throws IOException {
    Scorer scorer = scorer(folder);
    CandidateBatch batch = batch(folder, scorer, ofContext, ofItems, candidates, new Random(seed));

    ScoreResult resident = scorer.score(batch);

    ScoreResult rows = scorer.score(batch.expand());
    assertEquals(rows.errors(), resident.errors());
    assertEquals(cells(rows), cells(resident));
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void rank_ofResidentItems_isTheRankOfTheFullRows(
      @ForAll("documents") Path folder,
      @ForAll @IntRange(max = 100) int ofContext,
      @ForAll @IntRange(max = 40) int candidates,
      @ForAll @IntRange(max = 50) int k,
      @ForAll long seed)
      throws IOException {
    Scorer scorer = scorer(folder);
    Random random = new Random(seed);
    CandidateBatch batch = batch(folder, scorer, ofContext, 90, candidates, random);
    List<OutputField> numbers =
        scorer.contract().outputs().stream()
            .filter(field -> field.type() == FieldType.DOUBLE)
            .toList();
    if (numbers.isEmpty()) {
      return;
    }
    String output = numbers.get(random.nextInt(numbers.size())).name();
    TieOrder ties = random.nextBoolean() ? TieOrder.POSITION : (a, b) -> Integer.compare(b, a);
    RankRule rule = new RankRule(output, k, ties);

    RankResult best = scorer.rank(batch, rule);

    RankResult expected = RankResult.of(scorer.score(batch.expand()), rule);
    assertEquals(boxed(expected.rows()), boxed(best.rows()));
    assertEquals(boxed(expected.scores()), boxed(best.scores()));
    assertEquals(expected.unscored(), best.unscored());
    assertEquals(expected.errors(), best.errors());
  }

  /** Blocks are a matter of many rows, and a table of more than one block of items. */
  @Test
  void score_ofManyItems_hasTheBitsOfTheFullRows() throws IOException {
    Random random = new Random(7);
    int number = 0;
    for (Path folder : RealDocument.folders()) {
      if (number++ % 6 != 0) {
        continue;
      }
      Scorer scorer = scorer(folder);
      ItemColumns items = items(folder, scorer, 9_000, 50, random);
      CandidateBatch.Builder builder = CandidateBatch.builder(scorer.contract(), 9_000);
      for (InputField field : scorer.contract().inputs()) {
        if (!items.has(scorer.contract().inputPositions().get(field.name()))) {
          builder.context(field.name(), DOCUMENTS.get(folder).column(field, 0, 1, random));
        }
      }
      CandidateBatch batch = builder.items(scorer.prepare(items, 1 << 10)).build();
      ScoreResult rows = scorer.score(batch.expand());
      ScoreResult resident = scorer.score(batch);
      assertEquals(rows.errors(), resident.errors(), folder::toString);
      assertEquals(cells(rows), cells(resident), folder::toString);
    }
  }

  /** What the properties say would be empty if nothing were computed of items alone. */
  @Test
  void prepare_ofPlans_keepsWhatItComputes() throws IOException {
    Random random = new Random(11);
    int kept = 0;
    for (Path folder : RealDocument.folders()) {
      Scorer scorer = scorer(folder);
      if (scorer.prepare(items(folder, scorer, 20, 60, random), 1 << 20).bytes() > 0) {
        kept++;
      }
    }
    assertTrue(kept >= 80, "only " + kept);
  }

  @Test
  void prepare_keepsNoMoreThanItMay() throws IOException {
    Random random = new Random(12);
    for (Path folder : RealDocument.folders()) {
      Scorer scorer = scorer(folder);
      ItemColumns items = items(folder, scorer, 300, 80, random);
      for (int most : BYTES) {
        long bytes = scorer.prepare(items, most).bytes();
        assertTrue(bytes <= 300L * most, () -> folder + " keeps " + bytes + " of " + 300 * most);
      }
    }
  }

  private static Scorer scorer(Path folder) throws IOException {
    if (!SCORERS.containsKey(folder)) {
      RealDocument document = RealDocument.read(folder);
      DOCUMENTS.put(folder, document);
      SCORERS.put(folder, ENGINES.load("auto", document.pmml()));
    }
    return SCORERS.get(folder);
  }

  /** The items of a model, of which at least one input is given. */
  private static ItemColumns items(Path folder, Scorer scorer, int rows, int share, Random random) {
    RealDocument document = DOCUMENTS.get(folder);
    List<InputField> fields = scorer.contract().inputs();
    int always = random.nextInt(fields.size());
    int start = random.nextInt(document.rows().size());
    ItemColumns.Builder items = ItemColumns.builder(scorer.contract(), rows);
    for (int i = 0; i < fields.size(); i++) {
      if (i == always || random.nextInt(100) < share) {
        items.add(fields.get(i).name(), document.column(fields.get(i), start, rows, random));
      }
    }
    return items.build();
  }

  private static CandidateBatch batch(
      Path folder, Scorer scorer, int ofContext, int ofItems, int candidates, Random random) {
    RealDocument document = DOCUMENTS.get(folder);
    boolean all = random.nextInt(4) == 0 && candidates > 0;
    ItemColumns items =
        items(folder, scorer, all ? candidates : 1 + random.nextInt(40), ofItems, random);
    ResidentItems resident = scorer.prepare(items, BYTES[random.nextInt(BYTES.length)]);
    int start = random.nextInt(document.rows().size());
    CandidateBatch.Builder batch = CandidateBatch.builder(scorer.contract(), candidates);
    List<InputField> fields = scorer.contract().inputs();
    for (int i = 0; i < fields.size(); i++) {
      InputField field = fields.get(i);
      if (items.has(i)) {
        continue;
      } else if (random.nextInt(100) < ofContext) {
        batch.context(field.name(), document.column(field, start, 1, random));
      } else {
        batch.candidates(field.name(), document.column(field, start, candidates, random));
      }
    }
    return all
        ? batch.items(resident).build()
        : batch.items(resident, random.ints(candidates, 0, items.rows()).toArray()).build();
  }

  /** Boxed values are equal where their bits are, with one NaN for all. */
  private static List<List<Object>> cells(ScoreResult result) {
    List<List<Object>> cells = new ArrayList<>();
    for (Column column : result.columns()) {
      List<Object> values = new ArrayList<>();
      for (int row = 0; row < column.rows(); row++) {
        values.add(column.value(row));
      }
      cells.add(values);
    }
    return cells;
  }

  private static List<Integer> boxed(int[] rows) {
    List<Integer> boxed = new ArrayList<>();
    for (int row : rows) {
      boxed.add(row);
    }
    return boxed;
  }

  private static List<Double> boxed(double[] scores) {
    List<Double> boxed = new ArrayList<>();
    for (double score : scores) {
      boxed.add(score);
    }
    return boxed;
  }
}
