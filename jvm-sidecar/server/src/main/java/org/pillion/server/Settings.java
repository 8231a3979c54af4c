package org.pillion.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a sidecar runs.
 *
 * @param models folder of the model repository
 * @param http where HTTP listens on TCP
 * @param socket where HTTP listens on a Unix domain socket, if anywhere
 * @param workers threads that parse and score
 * @param queue requests that may wait for a worker
 * @param maxBody longest body in bytes
 * @param maxRows most rows in a request
 * @param poll time between looks at the repository; zero for never
 */
record Settings(
    Path models,
    HostPort http,
    Optional<Path> socket,
    int workers,
    int queue,
    long maxBody,
    int maxRows,
    Duration poll) {
  static final int DEFAULT_QUEUE = 256;
  static final long DEFAULT_MAX_BODY = 64L << 20;

  /** A body is one array, and is answered with another that may be somewhat longer. */
  static final long LARGEST_MAX_BODY = 1L << 30;

  static final int DEFAULT_MAX_ROWS = 100_000;
  static final long DEFAULT_POLL_MILLIS = 2_000;
}
