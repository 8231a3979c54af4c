package org.pillion.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority that signs certificates for tests, by the JDK's own keytool. */
final class Authority {
  private static final String PASSWORD = "changeit";

  private final Path folder;
  private final String name;
  private final Path store;

  /** Its certificate, in PEM form. */
  final Path file;

  /** The files of a certificate and of its key, in PEM form. */
  record Pair(Path certificate, Path key) {}

  /**
   * Makes an authority.
   *
   * @param folder where its files go
   * @param name what they begin with
   */
  Authority(Path folder, String name) throws IOException, GeneralSecurityException {
    this.folder = folder;
    this.name = name;
    store = folder.resolve(name + ".p12");
    generate("ca", "-ext", "bc:c", "-ext", "ku=keyCertSign");
    file = write(name + "-ca.pem", pem("CERTIFICATE", open().getCertificate("ca").getEncoded()));
  }

  /** A certificate for 127.0.0.1, and its key. */
  Pair sign(String alias) throws IOException, GeneralSecurityException {
    generate(alias, "-signer", "ca", "-ext", "san=ip:127.0.0.1");
    KeyStore keys = open();
    Certificate certificate = keys.getCertificate(alias);
    byte[] key = keys.getKey(alias, PASSWORD.toCharArray()).getEncoded();
    return new Pair(
        write(name + "-" + alias + ".pem", pem("CERTIFICATE", certificate.getEncoded())),
        write(name + "-" + alias + ".key", pem("PRIVATE KEY", key)));
  }

  /** Replaces a file by another's content, by a rename. */
  static void replace(Path file, Path other) throws IOException {
    Path made = Files.copy(other, file.resolveSibling(file.getFileName() + ".new"));
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void generate(String alias, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC"));
    command.addAll(List.of("-groupname", "secp256r1", "-dname", "CN=" + name + " " + alias));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.onExit().join().exitValue() != 0) {
      throw new IllegalStateException("keytool failed: " + said);
    }
  }

  private KeyStore open() throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  private Path write(String file, String text) throws IOException {
    return Files.writeString(folder.resolve(file), text);
  }

  private static String pem(String kind, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, text, kind);
  }
}
