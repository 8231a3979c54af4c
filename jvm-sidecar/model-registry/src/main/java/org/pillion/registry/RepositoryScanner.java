package org.pillion.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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
      List.of(VersionFolder.MODEL, VersionFolder.MANIFEST, VersionFolder.VERIFICATION);

  private final Path folder;
  private Map<Path, StampedHash> hashes = new HashMap<>();

  RepositoryScanner(Path folder) {
    this.folder = folder;
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

  /** A file is hashed again only when its size, time or identity says that it may have changed. */
  private String hash(Path file, Map<Path, StampedHash> current) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      Object stamp = List.of(now.size(), now.lastModifiedTime(), String.valueOf(now.fileKey()));
      StampedHash before = hashes.get(file);
      StampedHash hash =
          before != null && before.stamp.equals(stamp)
              ? before
              : new StampedHash(stamp, Sha256.of(file));
      current.put(file, hash);
      return hash.sha256;
    } catch (IOException e) {
      return "unreadable";
    }
  }

  private record StampedHash(Object stamp, String sha256) {}
}
