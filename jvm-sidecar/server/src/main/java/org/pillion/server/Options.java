package org.pillion.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The command line's options. */
final class Options {
  @Option(
      names = "--models",
      paramLabel = "DIR",
      required = true,
      description = "Model repository: DIR/<model>/<version>/.")
  Path models;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8080",
      description = "Where HTTP listens; port 0 for any (default: ${DEFAULT-VALUE}).")
  HostPort http;

  @Option(
      names = "--uds",
      paramLabel = "PATH",
      description = "Unix domain socket where HTTP listens as well.")
  Path socket;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Threads that parse and score (default: one per processor).")
  Integer workers;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "" + Settings.DEFAULT_QUEUE,
      description = "Requests that may wait for a worker (default: ${DEFAULT-VALUE}).")
  int queue;

  @Option(
      names = "--max-body",
      paramLabel = "BYTES",
      defaultValue = "" + Settings.DEFAULT_MAX_BODY,
      description = "Longest body of a request (default: ${DEFAULT-VALUE}).")
  long maxBody;

  @Option(
      names = "--max-rows",
      paramLabel = "N",
      defaultValue = "" + Settings.DEFAULT_MAX_ROWS,
      description = "Most rows in a request (default: ${DEFAULT-VALUE}).")
  int maxRows;

  @Option(
      names = "--poll",
      paramLabel = "MILLIS",
      defaultValue = "" + Settings.DEFAULT_POLL_MILLIS,
      description =
          "Time between looks at the repository, 0 for never (default: ${DEFAULT-VALUE}).")
  long pollMillis;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "Format of the log on standard error: text or json (default: text).")
  LogFormat logFormat;

  @Option(
      names = "--check",
      description = "Load and verify every version, print a line for each, and exit 0 or 1.")
  boolean check;

  @Option(
      names = "--exit-with-stdin",
      description = "Exit when standard input ends, and so with the parent process.")
  boolean exitWithStdin;

  /**
   * The settings.
   *
   * @throws IllegalArgumentException naming an option that is out of range
   */
  Settings settings() {
    int threads = workers == null ? Runtime.getRuntime().availableProcessors() : workers;
    requirePositive("--workers", threads);
    requirePositive("--queue", queue);
    requirePositive("--max-body", maxBody);
    if (maxBody > Settings.LARGEST_MAX_BODY) {
      throw new IllegalArgumentException("--max-body must be at most " + Settings.LARGEST_MAX_BODY);
    }
    requirePositive("--max-rows", maxRows);
    if (pollMillis < 0) {
      throw new IllegalArgumentException("--poll must not be negative");
    }
    return new Settings(
        models,
        http,
        Optional.ofNullable(socket),
        threads,
        queue,
        maxBody,
        maxRows,
        Duration.ofMillis(pollMillis));
  }

  private static void requirePositive(String option, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(option + " must be positive");
    }
  }
}
