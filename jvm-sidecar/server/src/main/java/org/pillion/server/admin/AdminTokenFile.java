package org.pillion.server.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/** A file with the admin token, made with a random one where there is none. */
public final class AdminTokenFile {
  private static final int RANDOM_BYTES = 32;

  private AdminTokenFile() {}

  /**
   * Reads the token.
   *
   * @throws IllegalArgumentException in one sentence, when there is none and none can be made
   */
  public static String read(Path file) {
    try {
      make(file);
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new IllegalArgumentException("the admin token cannot be read or made: " + file);
    }
  }

  private static void make(Path file) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n";
    Path draft = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
    try {
      Files.newByteChannel(
              draft,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
          .close();
      Files.write(draft, token.getBytes(StandardCharsets.UTF_8));
      // A link, not a move: of two sidecars that start at once, both use the first one's token.
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      return;
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
