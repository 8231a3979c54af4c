package org.pillion.client;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A value that is made of files, and is made again when they have changed. */
final class FileReading<T> implements Supplier<T> {
  private static final Logger LOG = System.getLogger("org.pillion.client");

  private final List<Path> files;
  private final Supplier<T> read;
  private List<Mark> seen;
  private T value;

  /** What changes with a file's content; of a link, what it leads to. */
  private record Mark(Object file, FileTime modified, long size) {
    static final Mark NO_FILE = new Mark("", FileTime.fromMillis(0), 0);
  }

  /**
   * Reads at once.
   *
   * @param files what is looked at for changes, null for none
   * @param read makes the value
   * @throws IllegalArgumentException when the files cannot be used
   */
  FileReading(Supplier<T> read, Path... files) {
    this.files = Stream.of(files).filter(Objects::nonNull).toList();
    this.read = read;
    seen = look();
    value = read.get();
  }

  /** The value of the files as they are now, or of the last ones that could be used. */
  @Override
  public synchronized T get() {
    List<Mark> now = look();
    if (!now.equals(seen)) {
      seen = now;
      try {
        value = read.get();
      } catch (IllegalArgumentException e) {
        LOG.log(Level.WARNING, "{0}; what was read before stays", e.getMessage());
      }
    }
    return value;
  }

  private List<Mark> look() {
    return files.stream().map(FileReading::mark).toList();
  }

  private static Mark mark(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Mark(now.fileKey(), now.lastModifiedTime(), now.size());
    } catch (IOException e) {
      return Mark.NO_FILE;
    }
  }
}
