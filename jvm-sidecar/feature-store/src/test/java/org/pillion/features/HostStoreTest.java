package org.pillion.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pillion.features.GoldenStore.list;
import static org.pillion.features.GoldenStore.map;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host reads of the golden stores what they mean, value by value and bit by bit. */
final class HostStoreTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void user_goldenStore_isWhatWasWritten(String name) throws Exception {
    GoldenStore golden = GoldenStore.read(name);
    try (HostStore store = new HostStore(golden.store(), golden.store(), null)) {
      assertTrue(store.look());
      Snapshot snapshot = store.snapshot().orElseThrow();

      for (Map<String, Object> user : GoldenStore.<Map<String, Object>>list(users(golden))) {
        UserSide side =
            store.user(
                snapshot, id(snapshot.textUsers(), (String) user.get("id")), List.of(), SECOND);

        List<Object> record = list(user.get("record"));
        List<Object> found = new ArrayList<>();
        snapshot
            .meta()
            .users()
            .fields()
            .forEach(field -> found.add(spelled(side.features().get(field.name()))));
        assertEquals(record, found, "user " + user.get("id"));
        List<String> seen = list(user.get("seen"));
        assertEquals(new HashSet<>(ids(snapshot, seen)), side.seen());
        List<String> batch = list(user.get("batch"));
        assertEquals(batch == null ? null : ids(snapshot, batch), side.batch());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void look_goldenStore_findsTitlesListsAndTheRun(String name) throws Exception {
    GoldenStore golden = GoldenStore.read(name);
    try (HostStore store = new HostStore(golden.store(), golden.store(), null)) {
      store.look();
      Snapshot snapshot = store.snapshot().orElseThrow();

      for (Map<String, Object> item :
          GoldenStore.<Map<String, Object>>list(golden.meaning().get("items"))) {
        List<Object> record = list(item.get("record"));
        Object id = id(snapshot.textItems(), (String) item.get("id"));
        assertTrue(snapshot.has(id));
        assertEquals(record.get(record.size() - 1), snapshot.title(id));
      }
      map(golden.meaning().get("popularity"))
          .forEach(
              (segment, pairs) -> {
                List<List<String>> counted = list(pairs);
                List<String> items = counted.stream().map(pair -> pair.get(0)).toList();
                assertEquals(ids(snapshot, items), snapshot.popular(segment));
              });
      Map<String, Object> run = map(golden.meaning().get("batch"));
      assertEquals(run.get("model"), snapshot.batch().orElseThrow().model());
      assertEquals(run.get("run"), Long.toString(snapshot.batch().orElseThrow().run()));
      assertFalse(store.look(), "nothing has changed");
      assertNull(snapshot.title("no such item"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void user_versionWithoutARun_hasTheAnswersOfTheVersionBefore(String name) throws Exception {
    GoldenStore golden = GoldenStore.read(name);
    Map<String, Object> gone = GoldenStore.<Map<String, Object>>list(items(golden)).get(0);
    beginVersion2(golden.store(), Long.parseLong((String) gone.get("number")));
    try (HostStore store = new HostStore(golden.store(), golden.store(), null)) {
      store.look();
      Snapshot snapshot = store.snapshot().orElseThrow();
      assertEquals(2, snapshot.version());

      for (Map<String, Object> user : GoldenStore.<Map<String, Object>>list(users(golden))) {
        UserSide side =
            store.user(
                snapshot, id(snapshot.textUsers(), (String) user.get("id")), List.of(), SECOND);

        List<String> batch = list(user.get("batch"));
        List<Object> expected = batch == null ? null : new ArrayList<>(ids(snapshot, batch));
        if (expected != null) {
          expected.removeIf(item -> !snapshot.has(item));
        }
        assertEquals(expected, side.batch());
      }
      assertFalse(snapshot.has(id(snapshot.textItems(), (String) gone.get("id"))));
      assertEquals(
          map(golden.meaning().get("batch")).get("run"),
          Long.toString(snapshot.batch().orElseThrow().run()));

      golden.store().values.remove(Keys.meta(1));
      golden.store().values.put(Keys.BATCH, "01".getBytes(StandardCharsets.UTF_8));
      assertTrue(store.look(), "the store has dropped it");
      assertTrue(store.snapshot().orElseThrow().batch().isEmpty());
    }
  }

  /** The same contents as version 2 without a run, in other buckets, and with an item less. */
  private static void beginVersion2(StoreFixture store, long gone) {
    for (String key : List.copyOf(store.values.keySet())) {
      if (key.matches("(i|meta|ids|names|pop)1(:.*)?")) {
        store.values.put(key.replaceFirst("1", "2"), store.values.get(key));
      }
    }
    String meta = new String(store.values.get(Keys.meta(1)), StandardCharsets.UTF_8);
    store.values.put(
        Keys.meta(2),
        meta.replace("\"user_buckets\":1,", "\"user_buckets\":7,")
            .getBytes(StandardCharsets.UTF_8));
    store.values.remove(Keys.item(2, gone));
    store.values.put(Keys.ACTIVE, "2".getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void restore_withoutTheStore_isTheSnapshotThatWasKept(String name) throws Exception {
    Path file = folder.resolve("kept/" + name);
    GoldenStore golden = GoldenStore.read(name);
    try (HostStore store = new HostStore(golden.store(), golden.store(), file)) {
      assertFalse(store.restore(), "there is no file yet");
      assertTrue(store.look());
    }
    golden.store().failure = "down";
    try (HostStore store = new HostStore(golden.store(), golden.store(), file)) {
      assertThrows(StoreException.class, store::look);
      assertTrue(store.restore());
      Snapshot snapshot = store.snapshot().orElseThrow();

      for (Map<String, Object> item : GoldenStore.<Map<String, Object>>list(items(golden))) {
        List<Object> record = list(item.get("record"));
        assertEquals(
            record.get(record.size() - 1),
            snapshot.title(id(snapshot.textItems(), (String) item.get("id"))));
      }
      assertEquals(
          map(golden.meaning().get("batch")).get("run"),
          Long.toString(snapshot.batch().orElseThrow().run()));
      golden.store().failure = null;
      assertFalse(store.look(), "the store has what the file had");
    }
  }

  @Test
  void restore_fileThatIsNotWhatWasWritten_isRefused() throws Exception {
    Path file = folder.resolve("kept");
    GoldenStore golden = GoldenStore.read("numbers");
    try (HostStore store = new HostStore(golden.store(), golden.store(), file)) {
      store.look();
    }
    byte[] whole = Files.readAllBytes(file);
    byte[] altered = whole.clone();
    altered[whole.length / 2] ^= 1;
    for (byte[] bad :
        List.of(new byte[0], Arrays.copyOf(whole, whole.length - 1), altered, new byte[100])) {
      Files.write(file, bad);
      try (HostStore store = new HostStore(golden.store(), golden.store(), file)) {
        StoreException error = assertThrows(StoreException.class, store::restore);

        assertEquals(
            file + " is not a snapshot, or is not what was written there", error.getMessage());
        assertTrue(store.snapshot().isEmpty());
      }
    }
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList(), "what was written on the way is gone");
    }
  }

  @Test
  void user_unknown_hasNothing() throws Exception {
    GoldenStore golden = GoldenStore.read("numbers");
    try (HostStore store = new HostStore(golden.store(), golden.store(), null)) {
      store.look();

      UserSide nobody = store.user(store.snapshot().orElseThrow(), 77_777L, List.of(), SECOND);

      assertNull(nobody.features());
      assertTrue(nobody.seen().isEmpty());
      assertNull(nobody.batch());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"numbers", "four-bytes", "eight-bytes", "text"})
  void user_itemsThatCameAfterTheSnapshot_comeWithTheirRecords(String name) throws Exception {
    GoldenStore golden = GoldenStore.read(name);
    Map<String, Object> late = GoldenStore.<Map<String, Object>>list(items(golden)).get(0);
    String key = Keys.item(1, Long.parseLong((String) late.get("number")));
    byte[] record = golden.store().values.remove(key);
    try (HostStore store = new HostStore(golden.store(), golden.store(), null)) {
      store.look();
      Snapshot snapshot = store.snapshot().orElseThrow();
      Object item = id(snapshot.textItems(), (String) late.get("id"));
      Object nobodys = snapshot.textItems() ? "no such item" : (Object) 77_777L;
      assertFalse(snapshot.has(item));
      assertTrue(store.user(snapshot, user(snapshot), List.of(item), SECOND).items().isEmpty());
      golden.store().values.put(key, record);

      UserSide side = store.user(snapshot, user(snapshot), List.of(nobodys, item), SECOND);

      assertEquals(Set.of(item), side.items().keySet());
      List<Object> values = list(late.get("record"));
      assertEquals(values.get(values.size() - 1), side.title(item));
      List<Object> found = new ArrayList<>();
      snapshot
          .meta()
          .items()
          .fields()
          .forEach(field -> found.add(spelled(side.items().get(item).get(field.name()))));
      assertEquals(values, found);

      golden.store().values.put(key, Arrays.copyOf(record, record.length - 1));
      assertThrows(
          StoreException.class, () -> store.user(snapshot, user(snapshot), List.of(item), SECOND));
    }
  }

  private static Object user(Snapshot snapshot) {
    return snapshot.textUsers() ? "nobody" : (Object) 77_777L;
  }

  @Test
  void user_recordOfAnotherSchemaOrCutShort_isCorrupt() throws Exception {
    GoldenStore golden = GoldenStore.read("numbers");
    try (HostStore store = new HostStore(golden.store(), golden.store(), null)) {
      store.look();
      Map<String, byte[]> bucket = golden.store().hashValues.get("u1:{0}");
      byte[] record = bucket.get("0").clone();
      byte[] other = record.clone();
      other[2] ^= 1;
      for (byte[] bad : List.of(other, Arrays.copyOf(record, record.length - 1))) {
        bucket.put("0", bad);

        StoreException error =
            assertThrows(
                StoreException.class,
                () -> store.user(store.snapshot().orElseThrow(), 0L, List.of(), SECOND));

        assertEquals(StoreException.Kind.CORRUPT, error.kind());
      }
    }
  }

  private static Object items(GoldenStore golden) {
    return golden.meaning().get("items");
  }

  private static Object users(GoldenStore golden) {
    return golden.meaning().get("users");
  }

  private static Object id(boolean text, String id) {
    return text ? (Object) id : (Object) Long.valueOf(id);
  }

  private static List<Object> ids(Snapshot snapshot, List<String> ids) {
    return ids.stream().map(id -> id(snapshot.textItems(), id)).toList();
  }

  private static Object spelled(Object value) {
    if (value instanceof Double number) {
      return "%016x".formatted(Double.doubleToRawLongBits(number));
    }
    if (value instanceof Float number) {
      return "%08x".formatted(Float.floatToRawIntBits(number));
    }
    return value == null ? null : value.toString();
  }
}
