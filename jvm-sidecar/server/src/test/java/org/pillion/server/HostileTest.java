package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.RepositoryFixture;
import org.pillion.registry.VersionId;
import org.pillion.scoring.Engines;

/** Malicious documents and callers, against the shipped engines and server. */
@Timeout(120)
final class HostileTest {
  private static final String TRACE = "pillion.test.hostile";

  @TempDir Path folder;

  /** Loading it leaves a trace. */
  public static final class Payload {
    static {
      System.setProperty(TRACE, "loaded");
    }
  }

  @Test
  void documents_thatMeanHarm_areRefused_andTheGoodVersionServes() throws Exception {
    Map<Integer, String> attacks = attacks();
    new RepositoryFixture(folder).line("line", 1, 1);
    for (Map.Entry<Integer, String> attack : attacks.entrySet()) {
      publish(attack.getKey(), attack.getValue());
    }
    ModelRepository repository = new ModelRepository(folder, Engines.installed());

    repository.load();

    Catalog catalog = repository.catalog();
    for (int version : attacks.keySet()) {
      String reason = catalog.status(new VersionId("line", version)).orElseThrow().reason();
      assertTrue(catalog.version(new VersionId("line", version)).isEmpty(), "version " + version);
      assertFalse(reason.isEmpty() || reason.contains("root:"), version + ": " + reason);
    }
    assertNull(System.getProperty(TRACE));
    assertEquals(1, catalog.serving("line").orElseThrow().id().version());
  }

  private static Map<Integer, String> attacks() {
    String good = document();
    Map<Integer, String> attacks = new TreeMap<>();
    // An external entity, an expansion of entities, a parameter entity.
    attacks.put(
        2,
        doctype(
            "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
            good.replace("<Header/>", "<Header>&x;</Header>")));
    StringBuilder laughs = new StringBuilder("<!ENTITY a0 \"ha\">");
    for (int i = 1; i < 30; i++) {
      laughs.append("<!ENTITY a%d \"&a%d;&a%d;&a%d;\">".formatted(i, i - 1, i - 1, i - 1));
    }
    attacks.put(3, doctype(laughs.toString(), good.replace("<Header/>", "<Header>&a29;</Header>")));
    attacks.put(4, doctype("<!ENTITY % x SYSTEM \"http://127.0.0.1:9/x\"> %x;", good));
    // A class by its name, a field and a function that are themselves, a regex that never ends.
    attacks.put(5, derived("<Apply function=\"" + Payload.class.getName() + "\"/>"));
    attacks.put(6, derived("<FieldRef field=\"d\"/>"));
    attacks.put(
        7,
        derived("<Apply function=\"f\"><FieldRef field=\"x\"/></Apply>")
            .replace(
                "</DataDictionary>",
                "</DataDictionary><TransformationDictionary><DefineFunction name=\"f\""
                    + " optype=\"continuous\" dataType=\"double\"><ParameterField name=\"v\""
                    + " dataType=\"double\"/><Apply function=\"f\"><FieldRef field=\"v\"/>"
                    + "</Apply></DefineFunction></TransformationDictionary>"));
    String regex =
        "<Apply function=\"if\"><Apply function=\"matches\"><Constant dataType=\"string\">"
            + "a".repeat(60)
            + "!</Constant><Constant dataType=\"string\">(a+)+$</Constant></Apply>"
            + "<Constant dataType=\"double\">1</Constant><Constant"
            + " dataType=\"double\">2</Constant></Apply>";
    attacks.put(8, derived(regex));
    // Deep and never closed.
    attacks.put(9, derived("<Apply function=\"abs\">".repeat(20_000) + "</Apply>".repeat(20_000)));
    attacks.put(10, "<PMML>".repeat(100_000));
    return attacks;
  }

  private static String document() {
    try (var in = RepositoryFixture.class.getResourceAsStream("/line.pmml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("OFFSET", "1");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String doctype(String entities, String document) {
    return document.replace("<PMML ", "<!DOCTYPE PMML [" + entities + "]>\n<PMML ");
  }

  /** The line over a derived field in the place of x. */
  private static String derived(String expression) {
    return document()
        .replace(
            "</MiningSchema>",
            "</MiningSchema><LocalTransformations><DerivedField name=\"d\" optype=\"continuous\""
                + " dataType=\"double\">"
                + expression
                + "</DerivedField></LocalTransformations>")
        .replace("<NumericPredictor name=\"x\"", "<NumericPredictor name=\"d\"");
  }

  private void publish(int version, String document) throws Exception {
    Path target = new RepositoryFixture(folder).line("line", version, 1);
    byte[] pmml = document.getBytes(StandardCharsets.UTF_8);
    Path manifest = target.resolve("manifest.json");
    String former = sha256(Files.readAllBytes(target.resolve("model.pmml")));
    Files.write(target.resolve("model.pmml"), pmml);
    Files.writeString(manifest, Files.readString(manifest).replace(former, sha256(pmml)));
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  @Test
  void callers_thatDripTheirRequests_areHungUpOn() throws Exception {
    new RepositoryFixture(folder).line("line", 1, 1);
    Settings.Limits limits =
        new Settings.Limits(1, 8, 8, 100, 1 << 24, 10_000, 50, false, Duration.ofMillis(300));
    Settings settings = TestSettings.of(folder, TestSettings.addresses(0, null), limits);
    try (Sidecar sidecar = Sidecar.start(settings, "test")) {
      String address = sidecar.addresses().get(0).split(" ")[1];
      assertEnds(address, "POST /v2/models/line/infer HTTP/1.1\r\nContent-Length: 9\r\n\r\n{");
      assertEnds(address, "GET /v2 HTTP/1.1\r\nX");
      assertEnds(address, "");
      try (KeptConnection idle = new KeptConnection(address)) {
        idle.post("/v2", "");
        assertEnds(address, "GET /v2 HTTP/1.1\r\nHost: x\r\n\r\nGET /v2 HTTP/1.1\r\nX");
        // Longer than the patience has passed on a connection that only waits.
        assertTrue(idle.post("/v2", "").startsWith("HTTP/1.1 405"));
      }
      assertEnds(sidecar.addresses().get(1), http2RequestThenHalfAHead());
      assertEquals(200, new Client(address).get("/v2/health/ready").statusCode());
    }
  }

  /** Source of the frames: RFC 9113, and RFC 7541 for the headers, none of which is indexed. */
  private static String http2RequestThenHalfAHead() {
    String headers =
        header(":method", "GET")
            + header(":scheme", "http")
            + header(":path", "/v2")
            + header(":authority", "x");
    String settings = "\0\0\0\4\0\0\0\0\0";
    String request = "\0\0" + (char) headers.length() + "\1\5\0\0\0\1" + headers;
    String half = "\0\20\0\1\5\0\0\0\3X";
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + request + half;
  }

  private static String header(String name, String value) {
    return "\0" + (char) name.length() + name + (char) value.length() + value;
  }

  /** Sends one byte more again and again, until the other side has had enough. */
  private static void assertEnds(String address, String start) throws IOException {
    int port = Integer.parseInt(address.replaceAll(".*:", ""));
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(50);
      socket.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
      int next = 0;
      while (next >= 0) {
        try {
          next = socket.getInputStream().read();
        } catch (java.net.SocketTimeoutException e) {
          if (start.endsWith("X")) {
            socket.getOutputStream().write('x');
          }
        }
      }
    } catch (java.net.SocketException e) {
      assertTrue(e.getMessage() != null, "it was reset, which is as good");
    }
  }

  @Test
  void headers_inAFlood_areRefused_andTheNextRequestIsServed() throws Exception {
    new RepositoryFixture(folder).line("line", 1, 1);
    try (Sidecar sidecar = Sidecar.start(TestSettings.of(folder), "test")) {
      String address = sidecar.addresses().get(0).split(" ")[1];
      int port = Integer.parseInt(address.replaceAll(".*:", ""));
      try (Socket socket = new Socket("127.0.0.1", port)) {
        socket.setSoTimeout(30_000);
        String flood = "GET /v2 HTTP/1.1\r\n" + "A: b\r\n".repeat(20_000) + "\r\n";
        socket.getOutputStream().write(flood.getBytes(StandardCharsets.US_ASCII));
        byte[] answer = socket.getInputStream().readNBytes(12);
        assertTrue(new String(answer, StandardCharsets.US_ASCII).startsWith("HTTP/1.1 4"));
      } catch (java.net.SocketException e) {
        assertTrue(e.getMessage() != null, "it was reset, which is as good");
      }
      assertEquals(200, new Client(address).get("/v2").statusCode());
    }
  }

  @Test
  void socket_getsAPrivateFolder_andItsPathFits() throws Exception {
    new RepositoryFixture(folder).line("line", 1, 1);
    Path run = folder.resolve(".run");
    Settings.Addresses where = TestSettings.addresses(0, run.resolve("s"));
    try (Sidecar sidecar = Sidecar.start(TestSettings.of(folder, where), "test")) {
      assertTrue(sidecar.addresses().contains("sidecar-uds unix:" + run.resolve("s")));
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(run)));
    }
    Settings.Addresses tooLong = TestSettings.addresses(0, run.resolve("\u00fc".repeat(50)));
    StartException failure =
        assertThrows(
            StartException.class, () -> Sidecar.start(TestSettings.of(folder, tooLong), "test"));
    assertTrue(failure.getMessage().contains("shorter than 108 bytes"), failure.getMessage());
  }

  @Test
  void networkLibrary_isOfAVersionWithoutKnownHoles() {
    String version = io.netty.util.Version.identify().get("netty-common").artifactVersion();
    String[] parts = version.split("\\.");

    assertEquals("4", parts[0]);
    boolean fixed =
        Integer.parseInt(parts[1]) > 1 || Integer.parseInt(parts[2].split("-")[0]) >= 132;
    assertTrue(fixed, version);
  }
}
