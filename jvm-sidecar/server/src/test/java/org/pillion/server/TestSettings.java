package org.pillion.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.pillion.registry.ModelRepository;

/** Settings for tests: any port, no polling, limits that a test can reach. */
final class TestSettings {
  static final int MAX_BODY = 20_000;
  static final int MAX_ROWS = 50;
  static final long REQUEST_MEMORY = 64 << 20;

  /** Clear text, for everybody. */
  static final Settings.Access OPEN =
      new Settings.Access(Optional.empty(), Optional.empty(), Optional.empty());

  private TestSettings() {}

  static Settings of(Path models) {
    return of(models, addresses(0, null));
  }

  static Settings of(Path models, Settings.Addresses addresses) {
    return of(models, addresses, limits(2, 8, 64, MAX_BODY, MAX_ROWS, false));
  }

  static Settings of(Path models, Settings.Addresses addresses, Settings.Limits limits) {
    Path state = models.resolve(ModelRepository.STATE);
    return new Settings(
        new Settings.Repository(models, state, Set.of(), Duration.ZERO, Optional.empty()),
        addresses,
        OPEN,
        limits,
        Optional.empty());
  }

  /** Limits with the default patience. */
  static Settings.Limits limits(
      int workers, int queue, int inFlight, long maxBody, int maxRows, boolean accessLog) {
    Duration patience = Duration.ofMillis(Settings.DEFAULT_PATIENCE_MILLIS);
    return new Settings.Limits(
        workers, queue, inFlight, 100, REQUEST_MEMORY, maxBody, maxRows, accessLog, patience);
  }

  static Settings.Addresses addresses(int port, Path socket) {
    return new Settings.Addresses(
        new HostPort("127.0.0.1", port),
        new HostPort("127.0.0.1", 0),
        Optional.ofNullable(socket),
        Optional.empty());
  }
}
