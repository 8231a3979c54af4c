package org.pillion.server;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.pillion.features.StoreSettings;
import picocli.CommandLine.Option;

/**
 * The options of the online store whose items are held in memory. The environment's variables are
 * those that the Python side reads: {@code PILLION_STORE_URL} for {@code --store-url}.
 */
final class StoreOptions {
  /** Before the name of an option that the environment has without the sidecar's own prefix. */
  static final String PREFIX = "--store-";

  /** Secrets have no options. */
  static final String PASSWORD = "PILLION_STORE_PASSWORD";

  private static final String SENTINEL_PASSWORD = "PILLION_STORE_SENTINEL_PASSWORD";

  static final String ITEM_MEMORY = "--item-memory";

  @Option(
      names = "--store-url",
      paramLabel = "URL",
      description = {
        "Online store whose items are held in memory, so that requests name them by their ids:",
        "redis://HOST:PORT/DB, rediss://… (TLS), unix:///PATH, redis+cluster://HOST:PORT,… or",
        "redis+sentinel://HOST:PORT,…/SERVICE. Its password: PILLION_STORE_PASSWORD.",
        "The environment has --store-url as PILLION_STORE_URL, and so the options that follow."
      })
  String url;

  @Option(
      names = "--store-refresh",
      paramLabel = "MILLIS",
      defaultValue = "1000",
      description = "Time between looks for another feature version (default: ${DEFAULT-VALUE}).")
  long refreshMillis;

  @Option(
      names = "--store-load-timeout-s",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "Time that one trip to the store may take (default: ${DEFAULT-VALUE}).")
  double timeoutSeconds;

  @Option(
      names = ITEM_MEMORY,
      paramLabel = "BYTES",
      description = {
        "Memory that the items of the store may take, those of the version before included.",
        "Default: three eighths of the heap; here ${DEFAULT-VALUE}."
      })
  long itemMemory;

  /**
   * Where items come from; empty where no store is named.
   *
   * @param environment has the passwords
   * @throws IllegalArgumentException naming an option that is out of range
   */
  Optional<Settings.Features> settings(Map<String, String> environment) {
    if (url == null) {
      return Optional.empty();
    }
    Options.requirePositive(PREFIX + "refresh", refreshMillis);
    Options.requirePositive(PREFIX + "load-timeout-s", timeoutSeconds);
    Options.requirePositive(ITEM_MEMORY, itemMemory);
    StoreSettings store =
        new StoreSettings(
            url,
            password(PASSWORD, environment),
            password(SENTINEL_PASSWORD, environment),
            Duration.ofMillis(Math.max(1, Math.round(timeoutSeconds * 1_000))));
    return Optional.of(new Settings.Features(store, itemMemory, Duration.ofMillis(refreshMillis)));
  }

  private static Optional<String> password(String variable, Map<String, String> environment) {
    return Optional.ofNullable(environment.get(variable)).filter(text -> !text.isEmpty());
  }
}
