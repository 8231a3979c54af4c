package org.pillion.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pillion.scoring.Column;

final class FeatureVersionsTest {
  private static final long MUCH = 1 << 20;

  private final StoreFixture store = new StoreFixture();
  private final FeatureVersions versions = new FeatureVersions(store, MUCH);

  private static Optional<FeatureItems> look(FeatureVersions versions) throws StoreException {
    return versions.look(
        items -> assertFalse(versions.find(items.version()).filter(items::equals).isPresent()));
  }

  @Test
  void look_version_hasItsItemsWithTheirValues() throws StoreException {
    store.writeVersion(7, null, 200_000, 2, 5);

    FeatureItems items = look(versions).orElseThrow();

    assertEquals(7, items.version());
    assertEquals(17.5, items.created());
    assertEquals(
        List.of("likes", "score", "ratio", "genre", "new"),
        List.copyOf(items.table().columns().keySet()));
    assertArrayEquals(new int[] {0, 1, 2}, items.table().rows(longs(2, 5, 200_000)));
    assertEquals(List.of(-3L, 0L, 199_995L), values(items, "likes"));
    assertEquals(Arrays.asList(2 / 3.0, null, 200_000 / 3.0), values(items, "score"));
    assertEquals(List.of(2 / 3f, 5 / 3f, 200_000 / 3f), values(items, "ratio"));
    assertEquals(List.of("even", "odd", "even"), values(items, "genre"));
    assertEquals(List.of(false, true, true), values(items, "new"));
    assertSame(items, versions.find(7).orElseThrow());
    assertEquals(Optional.empty(), versions.problem());
  }

  @Test
  void look_idsThatAreTexts_comeFromTheDictionary() throws StoreException {
    store.writeVersion(1, "[\"a\",\"unknown\",\"z\"]", 2, 0);

    FeatureItems items = look(versions).orElseThrow();

    assertArrayEquals(
        new int[] {1, 0},
        items.table().rows(new Column.Strings(new String[] {"z", "a"}, new boolean[2])));
    assertEquals(-1, items.table().row("unknown"));
    assertArrayEquals(new int[] {0, 1}, items.popular("global", new BitSet(), 9));
  }

  @Test
  void look_itemsThatTheStoreLost_areLeftOut() throws StoreException {
    store.writeVersion(1, null, 1, 2, 3, 4);
    store.values.remove(Keys.item(1, 2));

    FeatureItems items = look(versions).orElseThrow();

    assertEquals(3, items.table().rows());
    assertEquals(-1, items.table().row(2L));
    assertArrayEquals(new int[] {2, 1, 0}, items.popular("global", new BitSet(), 9));
  }

  @Test
  void popular_segment_goesOnWithEverybodys() throws StoreException {
    store.writeVersion(1, null, 0, 1, 2, 3);
    store.values.put(
        Keys.popularity(1, "country=DE"), StoreFixture.packed(new int[] {1, 0, 9, 9}, 8));
    String meta = new String(store.values.get(Keys.meta(1)), StandardCharsets.UTF_8);
    store.put(Keys.meta(1), meta.replace("\"segments\":[]", "\"segments\":[\"country=DE\"]"));
    FeatureItems items = look(versions).orElseThrow();
    BitSet seen = new BitSet();
    seen.set(3);

    assertArrayEquals(new int[] {1, 0, 2}, items.popular("country=DE", seen, 9));
    assertArrayEquals(new int[] {1, 0}, items.popular("country=DE", seen, 2));
    assertArrayEquals(new int[] {3, 2, 1, 0}, items.popular("global", new BitSet(), 9));
    assertEquals(1, seen.cardinality());
  }

  @Test
  void look_nothingNew_readsNoItems() throws StoreException {
    store.writeVersion(1, null, 1, 2);
    look(versions);
    store.trips = 0;

    assertEquals(Optional.empty(), look(versions));

    assertEquals(2, store.trips);
  }

  @Test
  void look_anotherVersion_keepsTheOneBeforeWhileTheStoreHasIt() throws StoreException {
    store.writeVersion(1, null, 1);
    look(versions);
    store.writeVersion(2, null, 1, 2);
    look(versions);
    store.writeVersion(3, null, 1, 2, 3);

    assertEquals(3, look(versions).orElseThrow().version());

    assertEquals(3, versions.active().orElseThrow().version());
    assertEquals(2, versions.find(2).orElseThrow().table().rows());
    assertFalse(versions.find(1).isPresent());

    store.values.remove(Keys.meta(2));
    look(versions);

    assertFalse(versions.find(2).isPresent());
    assertTrue(versions.find(3).isPresent());
  }

  @Test
  void look_versionWrittenAnew_replacesItself() throws StoreException {
    store.writeVersion(1, null, 1);
    look(versions);
    store.writeVersion(1, null, 1, 2);
    String meta = new String(store.values.get(Keys.meta(1)), StandardCharsets.UTF_8);
    store.put(Keys.meta(1), meta.replace("17.5", "18.5"));

    assertEquals(2, look(versions).orElseThrow().table().rows());
    assertFalse(versions.before().isPresent());
  }

  @Test
  void look_storeDies_theOldVersionGoesOnServing() throws StoreException {
    store.writeVersion(1, null, 1);
    look(versions);
    store.failure = "the store at redis://x cannot be read: gone";

    String message = assertThrows(StoreException.class, () -> look(versions)).getMessage();

    assertEquals(store.failure, message);
    assertEquals(Optional.of(message), versions.problem());
    assertEquals(1, versions.active().orElseThrow().version());

    store.failure = null;
    look(versions);
    assertEquals(Optional.empty(), versions.problem());
  }

  @Test
  void look_moreItemsThanFit_isRefusedWithTheNumbersAndTheOldVersionServes() throws StoreException {
    FeatureVersions small = new FeatureVersions(store, 100_000);
    store.writeVersion(1, null, IntStream.range(0, 500).toArray());
    look(small);
    store.writeVersion(2, null, IntStream.range(0, 100_000).toArray());

    String message = assertThrows(StoreException.class, () -> look(small)).getMessage();

    assertEquals(
        "the items of feature version 2 take at least 6 MiB, but all items may take 1 MiB beside"
            + " the 1 MiB of version 1, which goes on serving; give the JVM more heap (-Xmx) or set"
            + " --item-memory",
        message);
    assertEquals(1, small.active().orElseThrow().version());
  }

  @Test
  void look_noRoomBesideTheVersionBefore_letsThatOneGo() throws StoreException {
    FeatureVersions small = new FeatureVersions(store, 100_000);
    for (int version = 1; version <= 3; version++) {
      store.writeVersion(version, null, IntStream.range(0, 800).toArray());
      look(small);
    }

    assertEquals(3, small.active().orElseThrow().version());
    assertTrue(small.find(2).isPresent());
    assertFalse(small.find(1).isPresent());
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        damage("the store has no features", s -> s.values.remove(Keys.ACTIVE)),
        damage("'active' names no version", s -> s.put(Keys.ACTIVE, "soon")),
        damage("names feature version 1, but does not have it", s -> s.values.remove(Keys.meta(1))),
        damage("does not have its items", s -> s.values.remove(Keys.itemIds(1))),
        damage("describes feature version 1 in the store cannot", s -> s.put(Keys.meta(1), "{")),
        damage("describes feature version 1 in the store cannot", s -> s.put(Keys.meta(1), "{}")),
        damage(
            "a field 'likes' of unknown kind 'i65'",
            s ->
                s.put(
                    Keys.meta(1),
                    "{\"created\":1,\"items\":[[\"likes\",\"i65\"]],\"id_width\":3,\"segments\":[]}")),
        damage("4 bytes, which 3 does not divide", s -> s.put(Keys.itemIds(1), "1234")),
        damage("no global popularity list", s -> s.values.remove(Keys.popularity(1, "global"))),
        damage(
            "8 bytes, which 16 does not divide",
            s -> s.put(Keys.popularity(1, "global"), "12345678")),
        damage("the dictionary of items cannot be", s -> s.put(Keys.itemNames(1), "[")),
        damage("the dictionary of items lacks item number 1", s -> s.put(Keys.itemNames(1), "[]")),
        damage("record of item number 1 in the store cannot be", s -> s.put(Keys.item(1, 1), "x")),
        damage("cannot be read", s -> s.values.put(Keys.item(1, 1), new byte[0])),
        damage("is of another schema", s -> s.values.get(Keys.item(1, 1))[2] ^= 1),
        damage(
            "has another number of values",
            s -> s.values.put(Keys.item(1, 1), new byte[] {(byte) 0x91, 1})),
        damage(
            "goes on after its last value",
            s ->
                s.values.computeIfPresent(
                    Keys.item(1, 1), (k, v) -> Arrays.copyOf(v, v.length + 1))),
        damage(
            "cannot be read",
            s ->
                s.values.computeIfPresent(
                    Keys.item(1, 1), (k, v) -> Arrays.copyOf(v, v.length - 1))));
  }

  private static Arguments damage(String sentence, Consumer<StoreFixture> damage) {
    return Arguments.of(sentence, damage);
  }

  @ParameterizedTest
  @MethodSource("damages")
  void look_damagedVersion_isRefusedAndTheOldOneServes(
      String sentence, Consumer<StoreFixture> damage) throws StoreException {
    store.writeVersion(0, null, 1);
    look(versions);
    store.writeVersion(1, null, 1, 2);
    damage.accept(store);

    String message = assertThrows(StoreException.class, () -> look(versions)).getMessage();

    assertTrue(message.contains(sentence), message);
    assertEquals(0, versions.active().orElseThrow().version());
  }

  private static Column longs(long... values) {
    return new Column.Longs(values, new boolean[values.length]);
  }

  private static List<Object> values(FeatureItems items, String feature) {
    Column column = items.table().columns().get(feature);
    return IntStream.range(0, column.rows()).mapToObj(column::value).toList();
  }
}
