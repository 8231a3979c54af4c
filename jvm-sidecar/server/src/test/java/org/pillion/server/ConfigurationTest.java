package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.registry.RepositoryFixture;
import org.pillion.server.admin.AdminTokenFile;
import picocli.CommandLine;

/** Precedence is command line, environment, file, default; no secret is shown. */
final class ConfigurationTest {
  @TempDir Path folder;

  @Test
  void value_comesFromTheFirstOfCommandLineEnvironmentFileAndDefault() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("sidecar.properties"),
            "models = a/file\nqueue = 1\nworkers = 1\nmax-rows = 1\nrequire = a,b\n");
    Map<String, String> environment =
        Map.of("PILLION_SIDECAR_QUEUE", "2", "PILLION_SIDECAR_WORKERS", "2");

    Parsed parsed = parse(environment, "--config", file.toString(), "--workers", "3");

    assertEquals(3, parsed.options.workers);
    assertEquals(2, parsed.options.queue);
    assertEquals(1, parsed.options.maxRows);
    assertEquals(List.of("a", "b"), parsed.options.required);
    assertEquals(Path.of("a/file"), parsed.options.models);
    assertTrue(parsed.description.contains("models=a/file (file)"), parsed.description);
    long heap = HeapDefaults.heap();
    assertEquals(HeapDefaults.of("--max-body", heap).orElseThrow(), parsed.options.maxBody);
    assertTrue(parsed.description.contains("workers=3 (command line)"), parsed.description);
    assertTrue(parsed.description.contains("queue=2 (environment)"), parsed.description);
    assertTrue(parsed.description.contains("max-rows=1 (file)"), parsed.description);
    assertTrue(parsed.description.contains("require=a,b (file)"), parsed.description);
    assertTrue(parsed.description.contains("http=127.0.0.1:8080 (default)"), parsed.description);
  }

  @ParameterizedTest
  @CsvSource({
    "64, 33554432, 4194304, 16384, 256, 64, 512",
    "614, 321912832, 40239104, 100000, 1024, 256, 4912",
    "8192, 4294967296, 67108864, 100000, 1024, 256, 10000"
  })
  void limits_followFromTheHeap(
      long mib, long memory, long body, long rows, long inFlight, long queue, long connections) {
    long heap = mib << 20;
    assertEquals(memory, HeapDefaults.of("--request-memory", heap).orElseThrow());
    assertEquals(body, HeapDefaults.of("--max-body", heap).orElseThrow());
    assertEquals(rows, HeapDefaults.of("--max-rows", heap).orElseThrow());
    assertEquals(inFlight, HeapDefaults.of("--max-in-flight", heap).orElseThrow());
    assertEquals(queue, HeapDefaults.of("--queue", heap).orElseThrow());
    assertEquals(connections, HeapDefaults.of("--max-connections", heap).orElseThrow());
    assertTrue(HeapDefaults.of("--http", heap).isEmpty());
  }

  @Test
  void heap_tooSmall_isASentence() {
    String refused =
        assertThrows(StartException.class, () -> HeapDefaults.requireEnough(20 << 20)).getMessage();

    assertEquals(
        "the heap of 20 MiB is too small: the sidecar needs 32 MiB beside its models; set -Xmx",
        refused);
  }

  @Test
  void file_canBeNamedByTheEnvironment() throws Exception {
    Path file = Files.writeString(folder.resolve("f"), "models=file\n");

    assertEquals(
        Path.of("file"), parse(Map.of("PILLION_SIDECAR_CONFIG", file.toString())).options.models);
    assertEquals(Path.of("file"), parse(Map.of(), "--config=" + file).options.models);
  }

  @Test
  void secret_isNeverPrinted() {
    Map<String, String> environment =
        Map.of("PILLION_SIDECAR_ADMIN_TOKEN", "open sesame, open sesame");

    Parsed parsed = parse(environment, "--models", "m", "--admin", "127.0.0.1:0");

    assertTrue(parsed.description.contains("admin-token=*** (environment)"), parsed.description);
    assertFalse(parsed.description.contains("sesame"));
    Settings settings = parsed.options.settings(parsed.configuration.environment());
    assertFalse(settings.toString().contains("sesame"));
  }

  @Test
  void run_wrongConfiguration_isOneSentenceAndExit2() throws Exception {
    Path unknown = Files.writeString(folder.resolve("unknown"), "models=m\nworker=1\ncheck=true\n");
    Path broken = Files.writeString(folder.resolve("broken"), "models=\\u00zz\n");

    assertEquals(
        "error: the configuration has unknown keys: check, worker\n",
        failure(Map.of(), "--config", unknown.toString()));
    assertEquals(
        "error: the configuration cannot be read: " + broken + "\n",
        failure(Map.of(), "--config", broken.toString()));
    assertEquals(
        "error: the configuration cannot be read: /nowhere\n",
        failure(Map.of("PILLION_SIDECAR_CONFIG", "/nowhere")));
    assertTrue(
        failure(Map.of("PILLION_SIDECAR_QUEUE", "many"), "--models", "m").contains("--queue"));
    assertEquals(
        "error: --queue must be positive\n",
        failure(Map.of("PILLION_SIDECAR_QUEUE", "0"), "--models", folder.toString()));
    assertTrue(failure(Map.of()).contains("--models"));
  }

  @Test
  void run_adminWithoutAGoodToken_isRefused() throws Exception {
    String[] admin = {"--models", folder.toString(), "--admin", "127.0.0.1:0"};
    Path empty = Files.createFile(folder.resolve("empty"));

    assertTrue(failure(Map.of(), admin).contains("--admin needs a token"));
    assertTrue(
        failure(Map.of("PILLION_SIDECAR_ADMIN_TOKEN", "short"), admin)
            .contains("at least 16 characters"));
    assertTrue(
        failure(Map.of("PILLION_SIDECAR_ADMIN_TOKEN_FILE", empty.toString()), admin)
            .contains("at least 16 characters"));
    assertTrue(
        failure(Map.of("PILLION_SIDECAR_ADMIN_TOKEN_FILE", "/nowhere/token"), admin)
            .contains("cannot be read or made"));
  }

  @Test
  void tokenFile_thatIsNotThere_isMadeForItsOwnerOnly() throws Exception {
    Path file = folder.resolve("token");

    String token = AdminTokenFile.read(file);

    assertTrue(token.matches("[A-Za-z0-9_-]{43}"), token);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(token, AdminTokenFile.read(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void check_takesItsModelsFromTheEnvironment() {
    new RepositoryFixture(folder).tree("pricer", 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    int status =
        Main.run(
            List.of("--check"),
            Map.of("PILLION_SIDECAR_MODELS", folder.toString()),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err);

    assertEquals(0, status);
    assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("pricer/1 READY"));
  }

  private record Parsed(Options options, Configuration configuration, String description) {}

  private static Parsed parse(Map<String, String> environment, String... arguments) {
    Configuration configuration = Configuration.of(List.of(arguments), environment);
    Options options = new Options();
    CommandLine line = Main.commandLine(options, configuration);
    CommandLine.ParseResult parsed = line.parseArgs(arguments);
    String description = configuration.describe(parsed, line.getCommandSpec().options());
    return new Parsed(options, configuration, description);
  }

  private static String failure(Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);

    assertEquals(2, Main.run(List.of(arguments), environment, System.out, stream));

    return err.toString(StandardCharsets.UTF_8);
  }
}
