package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ResidentItemsTest {
  private static final FeatureContract CONTRACT =
      new FeatureContract(
          List.of(
              InputField.of("age", FieldType.DOUBLE, OperationalType.CONTINUOUS),
              InputField.of("price", FieldType.DOUBLE, OperationalType.CONTINUOUS),
              InputField.of("genre", FieldType.STRING, OperationalType.CATEGORICAL),
              InputField.of("place", FieldType.INTEGER, OperationalType.CONTINUOUS)),
          List.of());

  private static final ResidentItems ITEMS =
      ResidentItems.of(
          ItemColumns.builder(CONTRACT, 3)
              .add("price", doubles(1, 2, 3))
              .add(
                  "genre",
                  new Column.Strings(
                      new String[] {"a", null, new String("a")},
                      new boolean[] {false, true, false}))
              .build());

  @Test
  void batch_ofNamedItems_hasTheirColumns() {
    CandidateBatch batch = batch(4).items(ITEMS, new int[] {2, 0, 2, 1}).build();

    assertArrayEquals(new double[] {3, 1, 3, 2}, prices(batch));
    assertEquals("a", batch.column(2).value(0));
    assertNull(batch.column(2).value(3));
    assertArrayEquals(new double[] {1, 3}, prices(batch.slice(1, 3)));
    assertEquals(11L, batch.slice(1, 3).column(3).value(0));
    assertEquals(2, batch.pick(new int[] {2, 3}).items().row(0));
    ColumnBatch rows = batch.take(new int[] {3, 0});
    assertEquals(
        List.of(20.0, 2.0, 13L),
        List.of(rows.column(0).value(0), rows.column(1).value(0), rows.column(3).value(0)));
    assertEquals(3.0, batch.expand().column(1).value(2));
  }

  @Test
  void batch_ofAllItems_hasThemInTheirOrder() {
    CandidateBatch batch = batch(3).items(ITEMS).build();
    assertArrayEquals(new double[] {1, 2, 3}, prices(batch));
    assertArrayEquals(new double[] {2, 3}, prices(batch.slice(1, 3)));
    assertEquals(2, batch.slice(1, 3).items().row(1));
    assertArrayEquals(new double[] {3}, prices(batch.slice(1, 3).slice(1, 2)));
  }

  @Test
  void columns_ofItems_holdEqualTextsAndEmptyMasksOnce() {
    ItemColumns columns = ITEMS.columns();
    String[] genres = ((Column.Strings) columns.column(2)).values();
    assertSame(genres[0], genres[2]);
    assertEquals(3 * 8 + 3 + 3 * 4 + 3 + MemoryBudget.STRING_BYTES + 2, columns.bytes());
    ItemColumns two =
        ItemColumns.builder(CONTRACT, 1).add("age", doubles(1)).add("price", doubles(1)).build();
    assertSame(two.column(0).missing(), two.column(1).missing());
  }

  @Test
  void batch_thatTheItemsDoNotFit_saysWhy() {
    assertEquals(
        "candidate 1 is the item in row 3, but there are 3 items",
        refusal(() -> batch(2).items(ITEMS, new int[] {0, 3})));
    assertEquals(
        "2 items are named, but the batch has 3 rows",
        refusal(() -> batch(3).items(ITEMS, new int[] {0, 1})));
    assertEquals(
        "the field 'price' is given twice: the resident items have it as well",
        refusal(() -> batch(1).context("price", doubles(1)).items(ITEMS, new int[] {0}).build()));
    assertEquals(
        "the fields 'age', 'place' must be given",
        refusal(() -> CandidateBatch.builder(CONTRACT, 1).items(ITEMS, new int[] {0}).build()));
    assertEquals(
        "the batch was made for another model",
        refusal(
            () ->
                CandidateBatch.builder(new FeatureContract(List.of(), List.of()), 1)
                    .items(ITEMS, new int[] {0})));
    assertEquals(
        "the items give no input of the model",
        refusal(() -> ItemColumns.builder(CONTRACT, 1).build()));
    assertEquals(
        "there are no items",
        refusal(() -> ItemColumns.builder(CONTRACT, 0).add("price", doubles()).build()));
  }

  private static String refusal(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(InvalidInput.class, call).getMessage();
  }

  private static CandidateBatch.Builder batch(int rows) {
    long[] places = new long[rows];
    for (int row = 0; row < rows; row++) {
      places[row] = 10 + row;
    }
    return CandidateBatch.builder(CONTRACT, rows)
        .context("age", doubles(20))
        .candidates("place", new Column.Longs(places, new boolean[rows]));
  }

  private static double[] prices(CandidateBatch batch) {
    return ((Column.Doubles) batch.column(1)).values();
  }

  private static Column doubles(double... values) {
    return new Column.Doubles(values, new boolean[values.length]);
  }
}
