package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ItemTableTest {
  private static final Map<String, FieldType> FEATURES = features();

  private static Map<String, FieldType> features() {
    Map<String, FieldType> features = new LinkedHashMap<>();
    features.put("price", FieldType.DOUBLE);
    features.put("genre", FieldType.STRING);
    return features;
  }

  private static ItemTable.Builder builder(FieldType ids, int capacity) {
    return new ItemTable.Builder(ids, FEATURES, capacity, MemoryBudget.UNLIMITED);
  }

  private static ItemTable.Builder with(ItemTable.Builder builder, Object id, Object... values) {
    builder.add(id);
    for (int i = 0; i < values.length; i++) {
      builder.put(i, values[i]);
    }
    return builder;
  }

  @Test
  void build_idsInAnyOrder_areRowsInRisingOrderWithTheirValues() {
    ItemTable.Builder builder = builder(FieldType.INTEGER, 3);
    with(builder, 7L, -0.0, "a");
    with(builder, -9L, null, "b");
    with(builder, 3L, Double.NaN, "a");

    ItemTable table = builder.build();

    assertArrayEquals(new int[] {0, 1, 2}, table.rows(longs(-9, 3, 7)));
    assertEquals(List.of("b", "a", "a"), values(table.columns().get("genre")));
    assertEquals(Arrays.asList(null, Double.NaN, -0.0), values(table.columns().get("price")));
    assertEquals(-1, table.row(4L));
    assertEquals(-1, table.row("7"));
  }

  @Test
  void build_texts_riseByCodePoint() {
    ItemTable.Builder builder = builder(FieldType.STRING, 4);
    for (String id : List.of("\uD83D\uDE00", "\uFB01", "a", "ab")) {
      with(builder, id, 1.0, "x");
    }

    ItemTable table = builder.build();

    assertEquals(
        List.of("a", "ab", "\uFB01", "\uD83D\uDE00"),
        IntStream.range(0, 4).mapToObj(table::id).toList());
    assertEquals(-1, table.row("b"));
    assertEquals(-1, table.row(1L));
  }

  @Test
  void row_manyIds_isFoundForEachAndForNoOther() {
    Random random = new Random(7);
    Set<Long> ids = new HashSet<>();
    while (ids.size() < 5_000) {
      ids.add(random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(20_000));
    }
    for (FieldType type : List.of(FieldType.INTEGER, FieldType.STRING)) {
      ItemTable.Builder builder = builder(type, ids.size());
      ids.forEach(id -> with(builder, type == FieldType.STRING ? "item " + id : id, 0.5, "x"));
      ItemTable table = builder.build();

      for (int row = 0; row < table.rows(); row++) {
        assertEquals(row, table.row(table.id(row)));
      }
      for (long id = 0; id < 20_000; id++) {
        boolean known = table.row(type == FieldType.STRING ? "item " + id : (Object) id) >= 0;
        assertEquals(ids.contains(id), known);
      }
    }
  }

  @Test
  void rows_unknownItem_isNamedWithItsIndex() {
    ItemTable table = with(builder(FieldType.STRING, 1), "x", 1.0, "g").build();
    Column items = new Column.Strings(new String[] {"x", "y"}, new boolean[2]);

    String message = assertThrows(InvalidInput.class, () -> table.rows(items)).getMessage();

    assertEquals("'item_ids', index 1: the model's item table has no item 'y'", message);
  }

  @Test
  void build_idTwice_isRefused() {
    ItemTable.Builder builder = builder(FieldType.INTEGER, 2);
    with(with(builder, 7L, 1.0, "g"), 7L, 2.0, "g");

    assertEquals(
        "two items have one id", assertThrows(InvalidInput.class, builder::build).getMessage());
  }

  @Test
  void build_noItems_hasNone() {
    ItemTable table = builder(FieldType.INTEGER, 0).build();

    assertEquals(0, table.rows());
    assertEquals(-1, table.row(0L));
  }

  @Test
  void build_equalTextsAndFullColumns_areHeldOnce() {
    ItemTable.Builder builder = builder(FieldType.INTEGER, 1_000);
    for (long id = 0; id < 1_000; id++) {
      with(builder, id, 1.0, new String(id % 2 == 0 ? "even" : "odd"));
    }

    ItemTable table = builder.build();
    Column.Strings genres = (Column.Strings) table.columns().get("genre");

    assertSame(genres.values()[0], genres.values()[998]);
    assertSame(genres.missing(), table.columns().get("price").missing());
    assertTrue(table.bytes() < 1_000 * (8 + 8 + 8 + 16 + 1) + 1_000, table.bytes() + " bytes");
  }

  @Test
  void builder_moreThanTheBudget_isRefusedBeforeAnythingIsAllocated() {
    List<Long> asked = new ArrayList<>();
    MemoryBudget budget =
        new MemoryBudget() {
          @Override
          public void take(long bytes) {
            asked.add(bytes);
            throw new IllegalStateException("no more");
          }

          @Override
          public void giveBack(long bytes) {}
        };

    assertThrows(
        IllegalStateException.class,
        () -> new ItemTable.Builder(FieldType.INTEGER, FEATURES, 1 << 30, budget));
    assertEquals(List.of((8L + 16 + 9 + 9) << 30), asked);
  }

  private static Column longs(long... values) {
    return new Column.Longs(values, new boolean[values.length]);
  }

  private static List<Object> values(Column column) {
    return IntStream.range(0, column.rows()).mapToObj(column::value).toList();
  }
}
