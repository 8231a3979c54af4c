package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.registry.RepositoryFixture;

/** The packaged jar as a process of its own. */
final class JarIT {
  private static final int START_SECONDS = 60;
  private static final int STOP_SECONDS = 5;

  @TempDir Path folder;

  @Test
  void terminate_whileServing_stopsCleanlyInTime() throws Exception {
    new RepositoryFixture(folder).logistic("ranker", 1);
    Process process = start("--models", folder.toString(), "--http", "127.0.0.1:0");
    try {
      Client client = new Client(address(process));
      String body = Bodies.ranker("red", "30.0", "2");
      assertEquals(200, client.post("/v2/models/ranker/infer", body).statusCode());

      process.destroy();

      assertTrue(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void inputEnds_whereAskedFor_stopsCleanlyInTime() throws Exception {
    new RepositoryFixture(folder).tree("pricer", 1);
    Process process =
        start("--models", folder.toString(), "--http", "127.0.0.1:0", "--exit-with-stdin");
    try {
      address(process);

      process.getOutputStream().close();

      assertTrue(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void poll_newVersion_isServedWithoutRestart() throws Exception {
    RepositoryFixture models = new RepositoryFixture(folder);
    models.logistic("ranker", 1);
    Process process = start("--models", folder.toString(), "--http", "127.0.0.1:0", "--poll", "50");
    try {
      Client client = new Client(address(process));
      models.logistic("ranker", 2);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
      while (client.get("/v2/models/ranker/versions/2/ready").statusCode() != 200) {
        assertTrue(System.nanoTime() < end, "version 2 is not served");
        Thread.onSpinWait();
      }
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void check_goodAndBad_isTheExitStatus() throws Exception {
    RepositoryFixture models = new RepositoryFixture(folder);
    models.tree("pricer", 1);
    assertEquals(0, exit("--models", folder.toString(), "--check"));

    models.logistic("ranker", 1, List.of("{}"), UnaryOperator.identity());
    Process process = start("--models", folder.toString(), "--check");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(1, process.waitFor());
    assertTrue(out.contains("pricer/1 READY engine=compiled rows=4"), out);
    assertTrue(out.contains("ranker/1 UNAVAILABLE line 1 of verification.jsonl"), out);
  }

  @Test
  void check_foldersThatAreNoVersions_areNamedAndExit1() throws Exception {
    RepositoryFixture models = new RepositoryFixture(folder);
    models.tree("pricer", 1_700_000_001L);
    for (String name : List.of("v1", "0000001", "a\nb")) {
      Files.createDirectory(folder.resolve("pricer").resolve(name));
    }
    Process process = start("--models", folder.toString(), "--check");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(1, process.waitFor());
    assertTrue(out.contains("pricer/1700000001 READY"), out);
    for (String name : List.of("v1", "0000001", "a?b")) {
      assertTrue(out.contains("pricer/" + name + " UNAVAILABLE the folder's name is not"), out);
    }
  }

  @Test
  void arguments_wrong_exitWith2() throws Exception {
    assertEquals(2, exit());
    assertEquals(2, exit("--models", folder.resolve("absent").toString()));
    assertEquals(2, exit("--models", folder.toString(), "--http", "nowhere"));
    assertEquals(0, exit("--help"));
    assertEquals(0, exit("--version"));
  }

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-jar");
    command.add(System.getProperty("pillion.jar"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static int exit(String... arguments) throws Exception {
    Process process = start(arguments);
    process.getOutputStream().close();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  private static String address(Process process) throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    assertTrue(line != null && line.startsWith("LISTENING sidecar-http http://"), line);
    return line.split(" ")[2];
  }
}
