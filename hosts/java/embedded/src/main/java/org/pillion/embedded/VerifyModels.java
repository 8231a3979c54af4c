package org.pillion.embedded;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.VersionStatus;
import org.pillion.scoring.Engines;

/**
 * Loads every version of a model repository and holds it against its verification set, as a step of
 * a host's build.
 */
public final class VerifyModels {
  private VerifyModels() {}

  /**
   * Exits 0 when every version reproduces its verification set, 1 when one does not or there is
   * none, 2 when it is called otherwise.
   *
   * @param arguments the repository's folder
   */
  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      System.err.println("usage: VerifyModels FOLDER, the folder of a model repository");
      System.exit(2);
    }
    System.exit(run(Path.of(arguments[0]), System.out, System.err));
  }

  static int run(Path folder, PrintStream out, PrintStream err) {
    ModelRepository repository = new ModelRepository(folder, Engines.installed());
    try {
      repository.load();
    } catch (IOException e) {
      err.println(EmbeddedRanker.unreadable(folder, e));
      return 1;
    }
    boolean sound = !repository.catalog().statuses().isEmpty();
    if (!sound) {
      err.println("the model repository " + folder + " has no version");
    }
    for (VersionStatus status : repository.catalog().statuses()) {
      String version = "version %d of '%s'".formatted(status.id().version(), status.id().model());
      if (status.ready()) {
        out.println(
            "%s: %d rows verified by the engine '%s'"
                .formatted(version, status.rowsVerified(), status.engine()));
      } else {
        err.println("%s: %s".formatted(version, status.reason()));
        sound = false;
      }
    }
    for (FolderProblem problem : repository.catalog().strayProblems()) {
      err.println("%s: %s".formatted(problem.path(), problem.reason()));
    }
    return sound ? 0 : 1;
  }
}
