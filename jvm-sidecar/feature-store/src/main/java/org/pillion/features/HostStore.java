package org.pillion.features;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The online store as a host reads it: a snapshot of the version in use now and then, and a user in
 * one trip for each request. Any number of threads may ask for users; one looks for snapshots.
 */
public final class HostStore implements AutoCloseable {
  private static final Logger LOG = System.getLogger("org.pillion.features");

  private final StoreConnection loading;
  private final StoreConnection asking;
  private final Path kept;
  private volatile Snapshot snapshot;
  private volatile Snapshot before;
  private byte[] meta;
  private byte[] batch;
  private byte[] last;

  /**
   * A store that is not connected yet.
   *
   * @param settings where it is; its timeout is that of a trip while a snapshot is read
   * @param attempt time that a trip for a request may take, at most, and connecting for it
   * @throws IllegalArgumentException in one sentence, when the settings cannot be used
   */
  public HostStore(StoreSettings settings, Duration attempt) {
    this(settings, attempt, null);
  }

  /**
   * A store whose last snapshot is kept in a file, so that a start without the store can answer.
   *
   * @param kept the file; null for none
   */
  public HostStore(StoreSettings settings, Duration attempt, Path kept) {
    this(
        new LettuceConnection(settings),
        new LettuceConnection(
            new StoreSettings(
                settings.url(), settings.password(), settings.sentinelPassword(), attempt)),
        kept);
  }

  HostStore(StoreConnection loading, StoreConnection asking, Path kept) {
    this.loading = loading;
    this.asking = asking;
    this.kept = kept;
  }

  /** The snapshot in use; empty before one was read. */
  public Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  /**
   * A snapshot that is in memory: the one in use, or the one before it, which requests under way
   * may name.
   *
   * @param version its feature version, or 0 for the one in use
   */
  public Optional<Snapshot> find(long version) {
    for (Snapshot known : new Snapshot[] {snapshot, before}) {
      if (known != null && (version == 0 || known.version() == version)) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }

  /**
   * Reads the version in use where it is another one, or has other batch answers.
   *
   * @return whether there is another snapshot now
   * @throws StoreException when the store fails, or a part of the version is not what was written;
   *     what was read before goes on serving
   */
  public boolean look() throws StoreException {
    if (kept == null) {
      return look(loading);
    }
    KeptReads reads = KeptReads.of(loading);
    if (!look(reads)) {
      return false;
    }
    try {
      reads.write(kept);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the snapshot cannot be kept: {0}", e.toString());
    }
    return true;
  }

  /**
   * Takes the snapshot of the file, which serves until the store answers.
   *
   * @return whether there is a file
   * @throws StoreException when it cannot be read, or is not what was written
   */
  public boolean restore() throws StoreException {
    if (kept == null || !Files.exists(kept)) {
      return false;
    }
    try {
      return look(KeptReads.read(kept));
    } catch (IOException e) {
      throw new StoreException("the snapshot in " + kept + " cannot be read: " + e, e);
    }
  }

  private boolean look(StoreConnection loading) throws StoreException {
    byte[] active = loading.read(Keys.ACTIVE);
    if (active == null) {
      throw new StoreException(
          "the store has no features: none were loaded yet, or it has lost them");
    }
    long version = number(Keys.ACTIVE, active);
    byte[] metaNow = loading.read(Keys.meta(version));
    byte[] batchNow = loading.read(Keys.batch(version));
    byte[] lastNow = batchNow == null ? loading.read(Keys.BATCH) : null;
    if (metaNow == null) {
      throw new StoreException(
          "the store names feature version " + version + ", but does not have it");
    }
    Snapshot now = snapshot;
    if (now != null
        && now.version() == version
        && Arrays.equals(meta, metaNow)
        && Arrays.equals(batch, batchNow)
        && Arrays.equals(last, lastNow)) {
      return false;
    }
    VersionMeta read = VersionMeta.read(metaNow, version);
    if (read.users() == null) {
      throw new StoreException("feature version " + version + " has no schema of users");
    }
    BatchAnswers run = batchNow == null ? null : BatchAnswers.read(batchNow, version);
    List<String> titles = new ArrayList<>();
    VersionReader.Contents contents =
        new VersionReader(loading, version).read(read, new ItemMemory(Long.MAX_VALUE), titles);
    AnswerPlace place = null;
    if (lastNow != null) {
      long ran = number(Keys.BATCH, lastNow);
      place = answersOf(loading, ran, read, contents.names());
      byte[] described = place == null ? null : loading.read(Keys.batch(ran));
      run = described == null ? null : BatchAnswers.read(described, ran);
    }
    before = now;
    snapshot = new Snapshot(read, contents, titles, run, run == null ? null : place);
    meta = metaNow;
    batch = batchNow;
    last = lastNow;
    return true;
  }

  /**
   * Where the answers of a version before are; null where the store has it no more, or ids are of
   * another kind now.
   */
  private static AnswerPlace answersOf(
      StoreConnection loading, long version, VersionMeta now, String[] names)
      throws StoreException {
    byte[] described = loading.read(Keys.meta(version));
    if (described == null) {
      return null;
    }
    VersionMeta then = VersionMeta.read(described, version);
    byte[] packed = loading.read(Keys.itemNames(version));
    boolean fits =
        (packed == null) == (names == null)
            && (then.userBuckets() == 0) == (now.userBuckets() == 0);
    return fits
        ? new AnswerPlace(
            version,
            then.userBuckets(),
            then.idWidth(),
            packed == null ? null : VersionMeta.names(packed, version))
        : null;
  }

  private static long number(String key, byte[] text) throws StoreException {
    try {
      return Long.parseLong(new String(text, StandardCharsets.UTF_8));
    } catch (NumberFormatException e) {
      throw new StoreException("the store's key '" + key + "' names no version", e);
    }
  }

  /**
   * Fetches a user.
   *
   * @param of the snapshot whose version is asked for
   * @param user a {@code Long} or a {@code String}
   * @param absent items that the snapshot lacks, of which the store may have records by now
   * @param timeout time that the trip may take
   * @throws StoreException when the store fails, or a record is not what was written
   */
  public UserSide user(Snapshot of, Object user, List<?> absent, Duration timeout)
      throws StoreException {
    Keys.Place place = Keys.place(user, of.meta().userBuckets());
    List<String> hashes = new ArrayList<>(3);
    hashes.add(Keys.users(of.version(), place.bucket()));
    hashes.add(Keys.seen(of.version(), place.bucket()));
    AnswerPlace ahead = of.answers();
    long bucket = Keys.place(user, ahead.userBuckets()).bucket();
    of.batch().ifPresent(run -> hashes.add(Keys.batchAnswers(ahead.version(), run.run(), bucket)));
    Map<Object, Long> numbers = of.numbers(absent);
    List<String> keys =
        numbers.values().stream().map(number -> Keys.item(of.version(), number)).toList();
    List<byte[]> found = asking.fields(hashes, place.field(), keys, timeout);
    byte[] answers = hashes.size() < 3 ? null : found.get(2);
    return new UserSide(
        found.get(0) == null
            ? null
            : StoredRecord.read(found.get(0), of.meta().users(), "a user's record"),
        found.get(1) == null ? new HashSet<>() : new HashSet<>(of.ids(found.get(1))),
        answers == null ? null : of.answer(answers),
        items(of, numbers, found.subList(hashes.size(), found.size())));
  }

  private static Map<Object, Map<String, Object>> items(
      Snapshot of, Map<Object, Long> numbers, List<byte[]> records) throws StoreException {
    Map<Object, Map<String, Object>> items = new LinkedHashMap<>();
    int at = 0;
    for (Map.Entry<Object, Long> item : numbers.entrySet()) {
      byte[] record = records.get(at++);
      if (record != null) {
        String whose = "the record of item number " + item.getValue();
        items.put(item.getKey(), StoredRecord.read(record, of.meta().items(), whose));
      }
    }
    return items;
  }

  /**
   * Asks whether the store answers.
   *
   * @throws StoreException when it does not
   */
  public void ping() throws StoreException {
    asking.read(Keys.ACTIVE);
  }

  @Override
  public void close() {
    loading.close();
    asking.close();
  }
}
