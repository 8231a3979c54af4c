package org.pillion.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pillion.features.GoldenStore.list;
import static org.pillion.features.GoldenStore.map;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.scoring.Column;
import org.pillion.scoring.ItemTable;

/** What the golden stores mean is what is read of them, value by value and bit by bit. */
final class GoldenStoreTest {
  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void look_goldenStore_findsTheVersionAndItsItems(String name) throws Exception {
    GoldenStore golden = GoldenStore.read(name);
    Map<String, Object> meaning = golden.meaning();

    FeatureItems items = read(golden);

    assertEquals(meaning.get("version"), Long.toString(items.version()));
    assertEquals(Double.parseDouble((String) meaning.get("created")), items.created());
    List<Map<String, Object>> expected = list(meaning.get("items"));
    assertEquals(expected.size(), items.table().rows());
    for (Map<String, Object> item : expected) {
      int row = items.table().row(id(items.table(), (String) item.get("id")));
      List<Object> record = new ArrayList<>(list(item.get("record")));
      record.remove(record.size() - 1); // the title, which is no feature
      assertEquals(record, spelled(items.table(), row));
      long number = Long.parseLong((String) item.get("number"));
      assertEquals(item.get("key"), Keys.item(items.version(), number));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void look_goldenStore_findsTheSchemaOfItems(String name) throws Exception {
    GoldenStore golden = GoldenStore.read(name);
    Map<String, Object> schema = map(map(golden.meaning().get("schemas")).get("items"));

    VersionMeta meta = VersionMeta.read(golden.store().values.get(Keys.meta(1)), 1);

    assertEquals(schema.get("id"), Long.toString(meta.items().id()));
    List<List<String>> fields = list(schema.get("fields"));
    assertEquals(
        fields.stream().map(field -> field.get(0)).toList(),
        meta.items().fields().stream().map(ItemSchema.Field::name).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void popular_goldenStore_isTheListAndThenEverybodys(String name) throws Exception {
    GoldenStore golden = GoldenStore.read(name);
    Map<String, Object> lists = map(golden.meaning().get("popularity"));

    FeatureItems items = read(golden);

    assertEquals(lists.keySet(), items.lists());
    for (String list : lists.keySet()) {
      Set<String> expected = new LinkedHashSet<>(ids(lists.get(list)));
      expected.addAll(ids(lists.get(Keys.GLOBAL)));
      int[] rows = items.popular(list, new BitSet(), items.table().rows());
      assertEquals(
          List.copyOf(expected),
          IntStream.of(rows).mapToObj(row -> String.valueOf(items.table().id(row))).toList());
    }
  }

  private static FeatureItems read(GoldenStore golden) throws StoreException {
    return new FeatureVersions(golden.store(), 1 << 20).look(items -> {}).orElseThrow();
  }

  private static List<String> ids(Object counts) {
    List<List<String>> pairs = list(counts);
    return pairs.stream().map(pair -> pair.get(0)).toList();
  }

  private static Object id(ItemTable table, String text) {
    return table.id(0) instanceof Long ? (Object) Long.valueOf(text) : text;
  }

  /**
   * An item's features as the golden stores spell them: bits of floating numbers, null where
   * missing.
   */
  private static List<Object> spelled(ItemTable table, int row) {
    List<Object> cells = new ArrayList<>();
    for (Column column : table.columns().values()) {
      Object value = column.isMissing(row) ? null : column.value(row);
      if (value instanceof Double number) {
        cells.add("%016x".formatted(Double.doubleToRawLongBits(number)));
      } else {
        cells.add(value == null ? null : value.toString());
      }
    }
    return cells;
  }
}
