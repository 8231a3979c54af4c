package org.pillion.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A folder of a class path, copied to where the registry can read it. */
final class ResourceFolder {
  private ResourceFolder() {}

  /**
   * Copies a folder with all that is in it.
   *
   * @param name the folder's name, without a slash before it
   * @return a new temporary folder
   * @throws IllegalArgumentException when there is no such folder
   */
  static Path copy(ClassLoader loader, String name) {
    URL found = loader.getResource(name);
    if (found == null) {
      throw new IllegalArgumentException("the class path has no folder '" + name + "'");
    }
    try {
      URI uri = found.toURI();
      if (!uri.getScheme().equals("jar")) {
        return copy(Path.of(uri));
      }
      String jar = uri.toString().substring("jar:".length(), uri.toString().lastIndexOf("!/"));
      try (FileSystem files = FileSystems.newFileSystem(Path.of(URI.create(jar)), Map.of())) {
        return copy(files.getPath(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the folder '" + name + "' of the class path", e);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("the class path has no readable '" + name + "'", e);
    }
  }

  private static Path copy(Path source) throws IOException {
    Path target = Files.createTempDirectory("pillion-models");
    try (Stream<Path> all = Files.walk(source)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Path to = target.resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
    }
    return target;
  }

  /** Deletes a copy, as far as that is possible. */
  static void delete(Path copy) {
    try (Stream<Path> all = Files.walk(copy)) {
      List<Path> files = all.sorted(Comparator.reverseOrder()).toList();
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // It is left to whoever empties the temporary folder.
      return;
    }
  }
}
