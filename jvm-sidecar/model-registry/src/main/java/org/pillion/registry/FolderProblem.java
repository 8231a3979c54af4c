package org.pillion.registry;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Comparator;

/**
 * A folder of the repository that is no version, or that cannot be read.
 *
 * @param model name of the model's folder; empty for the repository's own
 * @param folder name of the version's folder; empty for the model's own
 * @param kind whether its name or the storage is at fault
 * @param reason what is wrong, without a path
 */
public record FolderProblem(String model, String folder, Kind kind, String reason)
    implements Comparable<FolderProblem> {
  private static final Comparator<FolderProblem> ORDER =
      Comparator.comparing(FolderProblem::model)
          .thenComparing(FolderProblem::folder)
          .thenComparing(FolderProblem::reason);

  /** What is at fault. */
  public enum Kind {
    /** The name is not that of a version. */
    NOT_A_VERSION,
    /** The storage: what was loaded from the folder goes on serving. */
    UNREADABLE
  }

  static FolderProblem notAVersion(String model, String folder) {
    String reason = "the folder's name is not " + VersionId.NUMBER + " without leading zeros";
    return new FolderProblem(model, folder, Kind.NOT_A_VERSION, reason);
  }

  static FolderProblem unreadable(String model, String folder, String what, IOException e) {
    return new FolderProblem(model, folder, Kind.UNREADABLE, unreadable(what, e));
  }

  static String unreadable(String what, IOException e) {
    return what + " cannot be read (" + detail(e) + ")";
  }

  /** What the storage says, without a path, which the messages of file exceptions have. */
  static String detail(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "access denied";
    }
    if (e instanceof FileSystemException file) {
      return file.getReason() == null ? file.getClass().getSimpleName() : file.getReason();
    }
    return e.getMessage();
  }

  /** The folder as operators know it: {@code the repository}, or {@code ranker/v1} within it. */
  public String path() {
    return model.isEmpty() ? "the repository" : folder.isEmpty() ? model : model + "/" + folder;
  }

  @Override
  public int compareTo(FolderProblem other) {
    return ORDER.compare(this, other);
  }
}
