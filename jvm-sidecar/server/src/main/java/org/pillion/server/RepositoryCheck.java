package org.pillion.server;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.VersionStatus;

/** Loads and verifies every version of a repository, and prints the result of each. */
final class RepositoryCheck {
  private RepositoryCheck() {}

  /** Prints a line per version and problem; true when there is a version and all is well. */
  static boolean run(Settings.Repository where, PrintStream out) throws StartException {
    ModelRepository repository = where.open();
    try {
      repository.load();
    } catch (IOException e) {
      throw new StartException(repository.catalog().problems().get(0).reason());
    }
    List<VersionStatus> statuses = repository.catalog().statuses();
    List<FolderProblem> problems = repository.catalog().strayProblems();
    statuses.forEach(status -> print(out, line(status)));
    problems.forEach(problem -> print(out, problem.path() + " UNAVAILABLE " + problem.reason()));
    if (statuses.isEmpty()) {
      out.println("there is no version in " + where.models());
    }
    return !statuses.isEmpty()
        && statuses.stream().allMatch(VersionStatus::ready)
        && repository.catalog().problems().isEmpty();
  }

  private static void print(PrintStream out, String line) {
    out.println(LogFormat.oneLine(line));
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
