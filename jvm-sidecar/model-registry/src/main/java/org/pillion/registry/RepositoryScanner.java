package org.pillion.registry;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the versions in a repository's folder; used by one thread at a time.
 *
 * <p>Only {@link NoSuchFileException} counts as absence: any other I/O error makes a folder
 * unreadable, which harms no other.
 */
final class RepositoryScanner {
  private static final List<String> FILES =
      List.of(
          VersionFolder.MODEL,
          VersionFolder.MANIFEST,
          VersionFolder.VERIFICATION,
          VersionFolder.ITEMS);

  private static final boolean UNIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  private static final String CHANGED = "unix:ctime";

  /** Longer than the coarsest clock of a file system. */
  private static final long SETTLED_MILLIS = 2_500;

  private final Path folder;
  private final Clock clock;
  private Map<Path, StampedHash> hashes = new HashMap<>();

  RepositoryScanner(Path folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /**
   * Looks at every folder.
   *
   * @throws IOException when the repository's own folder cannot be read
   */
  RepositoryScan scan() throws IOException {
    SortedMap<VersionId, VersionFolder> found = new TreeMap<>();
    List<FolderProblem> problems = new ArrayList<>();
    Map<Path, StampedHash> current = new HashMap<>();
    for (Path model : children(folder)) {
      try {
        if (isFolder(model)) {
          scanModel(model, found, problems, current);
        }
      } catch (NoSuchFileException e) {
        // It was removed while it was looked at.
        continue;
      } catch (IOException e) {
        problems.add(FolderProblem.unreadable(name(model), "", "the folder", e));
      }
    }
    hashes = current;
    return new RepositoryScan(found, problems);
  }

  private void scanModel(
      Path model,
      SortedMap<VersionId, VersionFolder> found,
      List<FolderProblem> problems,
      Map<Path, StampedHash> current)
      throws IOException {
    for (Path child : children(model)) {
      OptionalLong number = VersionId.number(name(child));
      VersionFolder version;
      try {
        if (!isFolder(child)) {
          continue;
        }
        if (number.isEmpty()) {
          problems.add(FolderProblem.notAVersion(name(model), name(child)));
          continue;
        }
        version = version(child, problems, current);
      } catch (IOException e) {
        problems.add(FolderProblem.unreadable(name(model), name(child), "the folder", e));
        version = new VersionFolder(child, "unreadable", false);
      }
      if (number.isPresent()) {
        found.put(new VersionId(name(model), number.getAsLong()), version);
      }
    }
  }

  /**
   * The names in a folder but for hidden ones, under which writers work until a version is whole.
   */
  private static List<Path> children(Path parent) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent)) {
      for (Path child : stream) {
        if (!name(child).startsWith(".")) {
          children.add(child);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return children;
  }

  private static boolean isFolder(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).isDirectory();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private VersionFolder version(
      Path version, List<FolderProblem> problems, Map<Path, StampedHash> current) {
    StringBuilder fingerprint = new StringBuilder();
    boolean readable = true;
    for (String name : FILES) {
      String hash;
      try {
        hash = hash(version.resolve(name), current);
      } catch (NoSuchFileException e) {
        hash = "absent";
      } catch (IOException e) {
        if (readable) {
          String model = name(version.getParent());
          problems.add(FolderProblem.unreadable(model, name(version), name, e));
        }
        hash = "unreadable";
        readable = false;
      }
      fingerprint.append(name).append('=').append(hash).append('\n');
    }
    return new VersionFolder(version, fingerprint.toString(), readable);
  }

  /**
   * A file is hashed again when its size, times or identity say that it may have changed, and as
   * long as it is so young that another write could leave the same times behind.
   */
  private String hash(Path file, Map<Path, StampedHash> current) throws IOException {
    long now = clock.millis();
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    if (!attributes.isRegularFile()) {
      // A pipe would be waited for.
      return "no file";
    }
    Stamp stamp = Stamp.of(file, attributes);
    StampedHash before = hashes.get(file);
    StampedHash hash =
        before != null && before.settled && before.stamp.equals(stamp)
            ? before
            : new StampedHash(stamp, Sha256.of(file), now - stamp.youngest() > SETTLED_MILLIS);
    current.put(file, hash);
    return hash.sha256;
  }

  private record StampedHash(Stamp stamp, String sha256, boolean settled) {}

  /**
   * Attributes of a file, without its content.
   *
   * @param changed time of the last change to content, name or owner, which no program can set
   *     back; equal to {@code modified} where the file system has none
   */
  private record Stamp(long size, FileTime modified, FileTime changed, String key) {
    static Stamp of(Path file, BasicFileAttributes attributes) throws IOException {
      return new Stamp(
          attributes.size(),
          attributes.lastModifiedTime(),
          UNIX ? (FileTime) Files.getAttribute(file, CHANGED) : attributes.lastModifiedTime(),
          String.valueOf(attributes.fileKey()));
    }

    long youngest() {
      return Math.max(modified.toMillis(), changed.toMillis());
    }
  }
}
