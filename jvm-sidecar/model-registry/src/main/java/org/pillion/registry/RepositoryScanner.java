package org.pillion.registry;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the versions in a repository's folder; used by one thread at a time. */
final class RepositoryScanner {
  /** Writers use any other name until a version is complete, then rename it. */
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");

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

  SortedMap<VersionId, VersionFolder> scan() throws IOException {
    SortedMap<VersionId, VersionFolder> found = new TreeMap<>();
    Map<Path, StampedHash> current = new HashMap<>();
    for (Path model : folders(folder)) {
      for (Path version : folders(model)) {
        String name = version.getFileName().toString();
        if (VERSION.matcher(name).matches()) {
          VersionId id = new VersionId(model.getFileName().toString(), Integer.parseInt(name));
          found.put(id, new VersionFolder(version, fingerprint(version, current)));
        }
      }
    }
    hashes = current;
    return found;
  }

  private static List<Path> folders(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children
          .filter(child -> !child.getFileName().toString().startsWith("."))
          .filter(Files::isDirectory)
          .toList();
    }
  }

  private String fingerprint(Path version, Map<Path, StampedHash> current) {
    StringBuilder fingerprint = new StringBuilder();
    for (String name : FILES) {
      Path file = version.resolve(name);
      fingerprint.append(name).append('=').append(hash(file, current)).append('\n');
    }
    return fingerprint.toString();
  }

  /**
   * A file is hashed again when its size, times or identity say that it may have changed, and as
   * long as it is so young that another write could leave the same times behind.
   */
  private String hash(Path file, Map<Path, StampedHash> current) {
    try {
      long now = clock.millis();
      Stamp stamp = Stamp.of(file);
      StampedHash before = hashes.get(file);
      StampedHash hash =
          before != null && before.settled && before.stamp.equals(stamp)
              ? before
              : new StampedHash(stamp, Sha256.of(file), now - stamp.youngest() > SETTLED_MILLIS);
      current.put(file, hash);
      return hash.sha256;
    } catch (IOException e) {
      return "unreadable";
    }
  }

  private record StampedHash(Stamp stamp, String sha256, boolean settled) {}

  /**
   * Attributes of a file, without its content.
   *
   * @param changed time of the last change to content, name or owner, which no program can set
   *     back; equal to {@code modified} where the file system has none
   */
  private record Stamp(long size, FileTime modified, FileTime changed, String key) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
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
