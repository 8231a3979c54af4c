package org.pillion.server.access;

import java.time.Duration;
import java.util.List;
import org.pillion.server.watch.WatchThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the files of credentials now and then, on a thread of its own. */
final class CredentialWatch implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(CredentialWatch.class);

  private final List<Credential<?>> credentials;
  private final WatchThread thread = new WatchThread("credential-watch");

  CredentialWatch(List<Credential<?>> credentials) {
    this.credentials = credentials;
  }

  void start() {
    if (!credentials.isEmpty()) {
      thread.start(this::look, PAUSE, PAUSE);
    }
  }

  private void look() {
    for (Credential<?> credential : credentials) {
      try {
        if (credential.refresh()) {
          log(credential);
        }
      } catch (RuntimeException e) {
        // A task that throws is not scheduled again.
        LOG.error("the look at the files of {} failed", credential.name(), e);
      }
    }
  }

  private static void log(Credential<?> credential) {
    if (credential.problem().isEmpty()) {
      LOG.info(
          "read {} again, for new connections and requests: {}",
          credential.name(),
          credential.current());
    } else {
      LOG.warn("{}; what was read before stays in force", credential.problem());
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
