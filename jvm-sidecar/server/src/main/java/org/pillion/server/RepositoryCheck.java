package org.pillion.server;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.VersionStatus;

/** Loads and verifies every version of a repository, and prints the result of each. */
final class RepositoryCheck {
  private RepositoryCheck() {}

  /** Prints a line per version; true when there is at least one and all are ready. */
  static boolean run(Settings.Repository where, PrintStream out) throws StartException {
    Path models = where.models();
    if (!Files.isDirectory(models)) {
      throw new StartException("there is no model repository at " + models);
    }
    ModelRepository repository = where.open();
    try {
      repository.load();
    } catch (IOException e) {
      throw new StartException("the model repository cannot be read: " + models);
    }
    List<VersionStatus> statuses = repository.catalog().statuses();
    statuses.forEach(status -> out.println(line(status)));
    if (statuses.isEmpty()) {
      out.println("there is no version in " + models);
    }
    return !statuses.isEmpty() && statuses.stream().allMatch(VersionStatus::ready);
  }

  private static String line(VersionStatus status) {
    String name = status.id().model() + "/" + status.id().version();
    if (!status.ready()) {
      return name + " " + status.state() + " " + status.reason();
    }
    return "%s %s engine=%s rows=%d ms=%d"
        .formatted(
            name, status.state(), status.engine(), status.rowsVerified(), status.loadMillis());
  }
}
