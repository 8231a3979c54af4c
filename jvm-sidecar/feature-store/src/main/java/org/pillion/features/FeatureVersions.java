package org.pillion.features;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The feature versions whose items are in memory: the active one, and the one before as long as the
 * store has it, since requests may name it.
 *
 * <p>Another version is loaded aside and then swapped in; whatever goes wrong, what was there goes
 * on serving, and {@link #problem()} says what it was. One thread looks; any may ask.
 */
public final class FeatureVersions implements AutoCloseable {
  private static final long MIB = 1 << 20;

  private final StoreConnection store;
  private final long memory;
  private volatile State state = new State(null, null);
  private volatile String problem = "the store was not asked yet";
  private byte[] activeMeta;

  /** What is in memory; null where there is nothing. */
  private record State(FeatureItems active, FeatureItems before) {
    long bytes() {
      return (active == null ? 0 : active.bytes()) + (before == null ? 0 : before.bytes());
    }
  }

  /**
   * Versions of a store, none of which is loaded yet.
   *
   * @param memory what all items may take of the heap, in bytes
   * @throws IllegalArgumentException in one sentence, when the settings cannot be used
   */
  public FeatureVersions(StoreSettings settings, long memory) {
    this(new LettuceConnection(settings), memory);
  }

  FeatureVersions(StoreConnection store, long memory) {
    this.store = store;
    this.memory = memory;
  }

  /** The version that requests which name none are for; empty before one is loaded. */
  public Optional<FeatureItems> active() {
    return Optional.ofNullable(state.active);
  }

  /** The version before, while it is kept. */
  public Optional<FeatureItems> before() {
    return Optional.ofNullable(state.before);
  }

  /** A version that is in memory. */
  public Optional<FeatureItems> find(long version) {
    State now = state;
    if (now.active != null && now.active.version() == version) {
      return Optional.of(now.active);
    }
    return now.before != null && now.before.version() == version
        ? Optional.of(now.before)
        : Optional.empty();
  }

  /** What is left of the heap that all items may take, in bytes. */
  public long room() {
    return Math.max(0, memory - state.bytes());
  }

  /** Why the last look failed, in one sentence; empty where it did not. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /**
   * Looks whether the store has another version in use, and loads it.
   *
   * @param prepare is given a version that was loaded before it can be found
   * @return the version that was loaded; empty where there is no other
   * @throws StoreException when there is one that cannot be used, or the store cannot be read
   */
  public Optional<FeatureItems> look(Consumer<FeatureItems> prepare) throws StoreException {
    try {
      Optional<FeatureItems> loaded = lookNow(prepare);
      problem = null;
      return loaded;
    } catch (StoreException e) {
      problem = e.getMessage();
      throw e;
    }
  }

  private Optional<FeatureItems> lookNow(Consumer<FeatureItems> prepare) throws StoreException {
    long version = activeVersion();
    byte[] json = store.read(Keys.meta(version));
    if (json == null) {
      throw new StoreException(
          "the store names feature version " + version + ", but does not have it");
    }
    State now = state;
    boolean same = now.active != null && now.active.version() == version;
    if (same && Arrays.equals(json, activeMeta)) {
      dropWhatTheStoreDropped();
      return Optional.empty();
    }
    VersionMeta meta = VersionMeta.read(json, version);
    FeatureItems loaded = load(version, meta);
    prepare.accept(loaded);
    // A version that was written anew under its number is not kept beside itself.
    state = new State(loaded, same ? state.before : state.active);
    activeMeta = json;
    return Optional.of(loaded);
  }

  private long activeVersion() throws StoreException {
    byte[] text = store.read(Keys.ACTIVE);
    if (text == null) {
      throw new StoreException(
          "the store has no features: none were loaded yet, or it has lost them");
    }
    try {
      return Long.parseLong(new String(text, StandardCharsets.UTF_8));
    } catch (NumberFormatException e) {
      throw new StoreException("the store's key '" + Keys.ACTIVE + "' names no version", e);
    }
  }

  private void dropWhatTheStoreDropped() throws StoreException {
    State now = state;
    if (now.before != null && store.read(Keys.meta(now.before.version())) == null) {
      state = new State(now.active, null);
    }
  }

  /** Loads a version; where there is no room beside the version before, that one goes. */
  private FeatureItems load(long version, VersionMeta meta) throws StoreException {
    while (true) {
      try {
        return new VersionReader(store, version).read(meta, new ItemMemory(memory - state.bytes()));
      } catch (ItemMemory.Exceeded e) {
        if (state.before == null) {
          throw new StoreException(tooLarge(version, e.needed()), e);
        }
        state = new State(state.active, null);
      }
    }
  }

  private String tooLarge(long version, long needed) {
    FeatureItems active = state.active;
    String serving =
        active == null
            ? ""
            : " beside the %d MiB of version %d, which goes on serving"
                .formatted(mib(active.bytes()), active.version());
    return ("the items of feature version %d take at least %d MiB, but all items may take %d MiB%s;"
            + " give the JVM more heap (-Xmx) or set --item-memory")
        .formatted(version, mib(needed), mib(memory), serving);
  }

  private static long mib(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }

  @Override
  public void close() {
    store.close();
  }
}
