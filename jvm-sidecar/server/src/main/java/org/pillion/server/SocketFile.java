package org.pillion.server;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a Unix domain socket that only this user can open.
 *
 * @param path absolute
 */
record SocketFile(Path path) {
  /** The kernel's limit on a path, with its closing zero. */
  private static final int MAX_PATH = 108;

  private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);

  /**
   * Makes way for a socket: its folder, and a stale socket's place.
   *
   * @throws StartException when there cannot be one, or another process serves on it
   */
  static SocketFile prepare(Path path) throws StartException {
    Path absolute = path.toAbsolutePath();
    if (absolute.toString().getBytes(StandardCharsets.UTF_8).length >= MAX_PATH) {
      throw new StartException(
          "the socket's path must be shorter than " + MAX_PATH + " bytes: " + absolute);
    }
    makePrivateFolder(absolute.getParent());
    removeStale(absolute);
    return new SocketFile(absolute);
  }

  /** Gives a socket that is listened on its mode. */
  void makePrivate() throws StartException {
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new StartException("cannot make the socket private: " + path);
    }
  }

  void delete() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The next start replaces it.
      return;
    }
  }

  /** Between the socket's birth and its mode, only its folder keeps others out. */
  private static void makePrivateFolder(Path folder) throws StartException {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
      if (mode.contains(PosixFilePermission.GROUP_EXECUTE)
          || mode.contains(PosixFilePermission.OTHERS_EXECUTE)) {
        LOG.warn("other users can look into the socket's folder, {}: make it 0700", folder);
      }
    } catch (IOException e) {
      throw new StartException("cannot make a folder for the socket: " + folder);
    }
  }

  /** Removes a socket that no process accepts on; a killed process leaves one behind. */
  private static void removeStale(Path path) throws StartException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isRegularFile(path) || Files.isDirectory(path)) {
      throw new StartException("there is something else where the socket should be: " + path);
    }
    try {
      SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
    } catch (IOException e) {
      replace(path);
      return;
    }
    throw new StartException("cannot listen on " + path + ": another process does");
  }

  private static void replace(Path path) throws StartException {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new StartException("cannot replace what is at the socket's path: " + path);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
