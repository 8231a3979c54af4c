package org.pillion.server.access;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file of certificates, a key or tokens.
 *
 * @param option the option that names it
 * @param path where it is
 */
public record CredentialFile(String option, Path path) {
  private static final int MAX_BYTES = 1 << 20;

  /** The file's bytes. */
  byte[] read() throws CredentialException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw failure("there is no such file");
    } catch (IOException e) {
      throw failure("the file cannot be read");
    }
    if (bytes.length > MAX_BYTES) {
      throw failure("the file is longer than " + MAX_BYTES + " bytes");
    }
    return bytes;
  }

  /** An error that names the option and the file. */
  CredentialException failure(String clause) {
    return new CredentialException("%s %s: %s".formatted(option, path, clause));
  }
}
