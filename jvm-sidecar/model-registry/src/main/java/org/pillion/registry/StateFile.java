package org.pillion.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The file that keeps a {@link ServingState} across restarts; readers see an old or a new one. */
final class StateFile {
  private final Path file;

  StateFile(Path file) {
    this.file = file;
  }

  /**
   * Reads the state; no file is the empty one.
   *
   * @throws IOException when the file is there and cannot be read or understood
   */
  ServingState read() throws IOException {
    try {
      return ServingState.read(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return ServingState.EMPTY;
    } catch (VersionRefused e) {
      throw new IOException(file.getFileName() + ": " + e.getMessage(), e);
    }
  }

  /** Replaces the state, on the disk before this returns. */
  void write(ServingState state) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer content = ByteBuffer.wrap(state.toJson());
        while (content.hasRemaining()) {
          channel.write(content);
        }
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
