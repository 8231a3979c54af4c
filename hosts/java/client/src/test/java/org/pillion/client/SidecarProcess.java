package org.pillion.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A sidecar in a process of its own, from the class path of the tests. */
final class SidecarProcess implements AutoCloseable {
  private final Process process;
  private final Map<String, String> addresses = new HashMap<>();

  /**
   * Starts a sidecar and waits until it listens.
   *
   * @param options beside the models' folder and the addresses
   */
  SidecarProcess(Path models, Path socket, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath(), "org.pillion.server.Main"));
    command.addAll(List.of("--models", models.toString(), "--uds", socket.toString()));
    command.addAll(List.of("--http", "127.0.0.1:0", "--exit-with-stdin"));
    command.addAll(List.of(options));
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      while (addresses.size() < 3) {
        String line = out.readLine();
        if (line == null) {
          throw new IllegalStateException("the sidecar ended with " + process.exitValue());
        }
        String[] words = line.split(" ");
        if (words[0].equals("LISTENING")) {
          addresses.put(words[1], words[2]);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String classPath() {
    String recorded = System.getProperty("surefire.test.class.path");
    return recorded == null ? System.getProperty("java.class.path") : recorded;
  }

  /** The address of a listener, for example {@code sidecar-uds}. */
  String address(String listener) {
    return addresses.get(listener);
  }

  /** Kills the process, as the kernel does when memory runs out. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
