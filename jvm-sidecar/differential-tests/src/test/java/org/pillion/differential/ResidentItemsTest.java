package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.RankResult;
import org.pillion.scoring.RankRule;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.TieOrder;

/**
 * Items of which a model has computed what it can have the bits, and the errors, of full rows,
 * however inputs are divided between context, items and candidates.
 */
class ResidentItemsTest {
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
    ServedDocument served = ServedDocument.of(folder);
    served.assertScoresOfFullRows(batch(served, ofContext, ofItems, candidates, new Random(seed)));
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void rank_ofResidentItems_isTheRankOfTheFullRows(
      @ForAll("documents") Path folder,
      @ForAll @IntRange(max = 100) int ofContext,
      @ForAll @IntRange(max = 40) int candidates,
      @ForAll @IntRange(max = 50) int k,
      @ForAll long seed)
      throws IOException {
    ServedDocument served = ServedDocument.of(folder);
    Scorer scorer = served.scorer();
    Random random = new Random(seed);
    CandidateBatch batch = batch(served, ofContext, 90, candidates, random);
    String output = served.anyNumber(random);
    if (output == null) {
      return;
    }
    TieOrder ties = random.nextBoolean() ? TieOrder.POSITION : (a, b) -> Integer.compare(b, a);
    RankRule rule = new RankRule(output, k, ties);

    RankResult best = scorer.rank(batch, rule);

    RankResult expected = RankResult.of(scorer.score(batch.expand()), rule);
    assertArrayEquals(expected.rows(), best.rows());
    assertArrayEquals(expected.scores(), best.scores());
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
      ServedDocument served = ServedDocument.of(folder);
      Scorer scorer = served.scorer();
      ItemColumns items = items(served, 9_000, 50, random);
      CandidateBatch.Builder builder = CandidateBatch.builder(scorer.contract(), 9_000);
      for (InputField field : scorer.contract().inputs()) {
        if (!items.has(scorer.contract().inputPositions().get(field.name()))) {
          builder.context(field.name(), served.document().column(field, 0, 1, random));
        }
      }
      served.assertScoresOfFullRows(builder.items(scorer.prepare(items, 1 << 10)).build());
    }
  }

  /** What the properties say would be empty if nothing were computed of items alone. */
  @Test
  void prepare_ofPlans_keepsWhatItComputes() throws IOException {
    Random random = new Random(11);
    int kept = 0;
    for (Path folder : RealDocument.folders()) {
      ServedDocument served = ServedDocument.of(folder);
      ItemColumns items = items(served, 20, 60, random);
      if (served.scorer().prepare(items, 1 << 20).bytes() > 0) {
        kept++;
      }
    }
    assertTrue(kept >= 80, "only " + kept);
  }

  @Test
  void prepare_keepsNoMoreThanItMay() throws IOException {
    Random random = new Random(12);
    for (Path folder : RealDocument.folders()) {
      ServedDocument served = ServedDocument.of(folder);
      ItemColumns items = items(served, 300, 80, random);
      for (int most : BYTES) {
        long bytes = served.scorer().prepare(items, most).bytes();
        assertTrue(bytes <= 300L * most, () -> folder + " keeps " + bytes + " of " + 300 * most);
      }
    }
  }

  /** The items of a model, of which at least one input is given. */
  private static ItemColumns items(ServedDocument served, int rows, int share, Random random) {
    RealDocument document = served.document();
    FeatureContract contract = served.scorer().contract();
    List<InputField> fields = contract.inputs();
    int always = random.nextInt(fields.size());
    int start = random.nextInt(document.rows().size());
    ItemColumns.Builder items = ItemColumns.builder(contract, rows);
    for (int i = 0; i < fields.size(); i++) {
      if (i == always || random.nextInt(100) < share) {
        items.add(fields.get(i).name(), document.column(fields.get(i), start, rows, random));
      }
    }
    return items.build();
  }

  private static CandidateBatch batch(
      ServedDocument served, int ofContext, int ofItems, int candidates, Random random) {
    RealDocument document = served.document();
    Scorer scorer = served.scorer();
    boolean all = random.nextInt(4) == 0 && candidates > 0;
    ItemColumns items = items(served, all ? candidates : 1 + random.nextInt(40), ofItems, random);
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
}
