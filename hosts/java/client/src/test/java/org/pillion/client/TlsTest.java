package org.pillion.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.registry.RepositoryFixture;
import org.pillion.server.access.HostTokens;

/** A sidecar that takes TLS alone, and lets in whom a certificate or a token speaks for. */
final class TlsTest {
  private static final String TOKEN = "a-token-of-more-than-32-characters-1";
  private static final String OTHER_TOKEN = "a-token-of-more-than-32-characters-2";

  private static Path folder;
  private static Authority ours;
  private static Authority theirs;
  private static Authority.Pair host;
  private static SidecarProcess sidecar;
  private static String address;

  @BeforeAll
  static void start() throws IOException, GeneralSecurityException {
    folder = Files.createTempDirectory("pillion");
    RepositoryFixture models =
        new RepositoryFixture(Files.createDirectory(folder.resolve("models")));
    models.line(
        "line",
        1,
        1,
        manifest ->
            manifest.replaceFirst(
                "\\{", "{\"ranking\": {\"kind\": \"score\", \"output\": \"y\"}, "));
    ours = new Authority(folder, "ours");
    theirs = new Authority(folder, "theirs");
    host = ours.sign("host");
    Authority.Pair own = ours.sign("sidecar");
    Path tokens =
        Files.writeString(folder.resolve("tokens"), HostTokens.line("host", TOKEN) + "\n");
    sidecar =
        new SidecarProcess(
            folder.resolve("models"),
            folder.resolve("run/s.sock"),
            "--tls-cert",
            own.certificate().toString(),
            "--tls-key",
            own.key().toString(),
            "--tls-client-ca",
            ours.file.toString(),
            "--tokens",
            tokens.toString());
    address = "https://" + sidecar.address("sidecar-grpc").replace("https://", "");
  }

  @AfterAll
  static void stop() throws IOException {
    sidecar.close();
    try (var files = Files.walk(folder)) {
      files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
    }
  }

  @Test
  void rank_withCertificateOrToken_isLetIn() throws IOException {
    assertAnswers(client().clientCertificate(host.certificate(), host.key()));
    assertAnswers(client().token(() -> TOKEN));
    assertAnswers(client().tokenFile(Files.writeString(folder.resolve("token"), TOKEN + "\n")));
    assertAnswers(
        client().clientCertificate(host.certificate(), host.key()).token(() -> OTHER_TOKEN));
  }

  @Test
  void rank_withNeither_isRefused() {
    RankerUnavailable nothing = assertFails(client());
    RankerUnavailable other = assertFails(client().token(() -> OTHER_TOKEN));

    assertEquals(RankerUnavailable.Kind.REFUSED, nothing.kind());
    assertTrue(nothing.getMessage().contains("is needed"), nothing.getMessage());
    assertEquals(RankerUnavailable.Kind.REFUSED, other.kind());
    assertTrue(other.getMessage().contains("the token is none of those"), other.getMessage());
  }

  @Test
  void rank_sidecarOfAnotherAuthority_isNotTrusted() {
    assertUntrusted(SidecarRanker.of(address).authorities(theirs.file).token(() -> TOKEN), address);
    assertUntrusted(SidecarRanker.of(address).token(() -> TOKEN), address);
  }

  @Test
  void rank_sidecarOfAnotherName_isNotTrusted() {
    String named = address.replace("127.0.0.1", "localhost");

    RankerUnavailable error =
        assertUntrusted(SidecarRanker.of(named).authorities(ours.file).token(() -> TOKEN), named);

    assertTrue(error.getMessage().contains("localhost"), error.getMessage());
  }

  @Test
  void rank_certificateOfAnotherAuthority_isNotAccepted() throws Exception {
    Authority.Pair stranger = theirs.sign("stranger");

    RankerUnavailable error =
        assertFails(client().clientCertificate(stranger.certificate(), stranger.key()));

    // UNREACHABLE where the end of the connection outruns the alert.
    assertTrue(
        List.of(
                RankerUnavailable.Kind.REFUSED,
                RankerUnavailable.Kind.UNTRUSTED,
                RankerUnavailable.Kind.UNREACHABLE)
            .contains(error.kind()),
        error.toString());
  }

  @Test
  void rank_serverWithoutTls_isSaid() throws Exception {
    try (ServerSocket plain = new ServerSocket(0)) {
      Thread server = new Thread(() -> answerInPlainText(plain));
      server.start();
      String plainly = "https://127.0.0.1:" + plain.getLocalPort();

      assertUntrusted(SidecarRanker.of(plainly).authorities(ours.file), plainly);

      server.join();
    }
  }

  private static void answerInPlainText(ServerSocket server) {
    try (Socket socket = server.accept()) {
      socket
          .getOutputStream()
          .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      while (socket.getInputStream().read() >= 0) {}
    } catch (IOException e) {
      // The client has gone.
    }
  }

  @Test
  void rank_filesThatHaveChanged_areReadAgain() throws Exception {
    Authority.Pair shown = theirs.sign("renewed");
    Path authorities = Files.copy(theirs.file, folder.resolve("authorities.pem"));
    try (SidecarRanker ranker =
        SidecarRanker.of(address)
            .authorities(authorities)
            .clientCertificate(shown.certificate(), shown.key())
            .open()) {
      assertThrows(RankerUnavailable.class, () -> rank(ranker));

      Authority.replace(authorities, ours.file);
      Files.writeString(shown.certificate(), "no certificate");
      assertThrows(RankerUnavailable.class, () -> rank(ranker));

      Authority.replace(shown.certificate(), host.certificate());
      Authority.replace(shown.key(), host.key());
      assertEquals(List.of(1L, 0L), rank(ranker));
    }
  }

  @Test
  void open_filesThatCannotBeUsed_areNamed() throws Exception {
    Path text = Files.writeString(folder.resolve("text.pem"), "no certificate");
    Path locked =
        Files.writeString(folder.resolve("locked.key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----");
    Path absent = folder.resolve("absent.pem");
    Authority.Pair other = ours.sign("other");

    assertRefused(
        "authorities: there is no file %s; clientCertificate: there is no file %s"
            .formatted(absent, absent),
        client().authorities(absent).clientCertificate(host.certificate(), absent));
    assertRefused(
        "authorities: %s has no certificate in PEM form".formatted(text),
        client().authorities(text));
    assertRefused(
        "clientCertificate: %s has no certificate in PEM form".formatted(text),
        client().clientCertificate(text, host.key()));
    assertRefused(
        "clientCertificate: the key in %s has a password: give one without".formatted(locked),
        client().clientCertificate(host.certificate(), locked));
    assertRefused(
        "clientCertificate: %s has no RSA or EC key in PEM form".formatted(text),
        client().clientCertificate(host.certificate(), text));
    assertRefused(
        "clientCertificate: the key in %s is not that of the certificate in %s"
            .formatted(other.key(), host.certificate()),
        client().clientCertificate(host.certificate(), other.key()));
    assertRefused(
        "clientCertificate: mutual TLS needs both, a certificate and its key",
        client().clientCertificate(host.certificate(), null));
    assertEquals(
        "tokenFile: there is no single word in " + text,
        assertThrows(IllegalArgumentException.class, () -> client().tokenFile(text)).getMessage());
    assertRefused(
        "authorities is set, but http://127.0.0.1:1 is not https",
        SidecarRanker.of("http://127.0.0.1:1").authorities(ours.file));
  }

  private static SidecarRanker.Builder client() {
    return SidecarRanker.of(address).authorities(ours.file);
  }

  private static List<?> rank(SidecarRanker ranker) {
    RankRequest request = RankRequest.of("line").candidates(Map.of("x", List.of(1.0, 2.0))).build();
    return ranker.rank(request, Deadline.none()).items();
  }

  private static void assertAnswers(SidecarRanker.Builder client) {
    try (SidecarRanker ranker = client.open()) {
      assertEquals(List.of(1L, 0L), rank(ranker));
    }
  }

  private static RankerUnavailable assertFails(SidecarRanker.Builder client) {
    try (SidecarRanker ranker = client.open()) {
      return assertThrows(RankerUnavailable.class, () -> rank(ranker));
    }
  }

  private static RankerUnavailable assertUntrusted(SidecarRanker.Builder client, String of) {
    RankerUnavailable error = assertFails(client);
    assertEquals(RankerUnavailable.Kind.UNTRUSTED, error.kind(), error.toString());
    assertFalse(error.retryable());
    String begin = "the TLS handshake with the sidecar at %s failed: ".formatted(of);
    assertTrue(error.getMessage().startsWith(begin), error.getMessage());
    return error;
  }

  private static void assertRefused(String message, SidecarRanker.Builder client) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, client::open);
    assertEquals(message, error.getMessage());
  }
}
