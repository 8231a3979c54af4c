package org.pillion.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** A Java host embeds the compiled engine and its runtime class path without taking on the AGPL. */
final class LicenceTest {
  private static final List<String> AGPL_ARTIFACTS =
      List.of("pmml-evaluator", "pmml-sparkml", "jpmml-transpiler", "pmml-transpiler");

  @Test
  void runtimeClassPath_hasNoAgplArtifact() throws IOException {
    List<Path> entries = runtimeClassPath();

    assertTrue(
        entries.stream().anyMatch(entry -> entry.toString().contains("scoring-api")),
        "the class path that was recorded is not this module's: " + entries);
    assertEquals(List.of(), faults(entries));
  }

  @Test
  void faults_evaluatorOnTheClassPath_isFound() {
    assertEquals(
        List.of("pmml-evaluator-1.7.7.jar is AGPL"),
        faults(List.of(Path.of("/m2/pmml-evaluator-1.7.7.jar"))));
  }

  private static List<Path> runtimeClassPath() throws IOException {
    String recorded = Files.readString(Path.of(System.getProperty("pillion.runtime-class-path")));
    List<Path> entries = new ArrayList<>();
    for (String entry : recorded.strip().split(File.pathSeparator)) {
      entries.add(Path.of(entry));
    }
    return entries;
  }

  private static List<String> faults(List<Path> entries) {
    List<String> faults = new ArrayList<>();
    for (Path entry : entries) {
      String file = entry.getFileName().toString();
      if (AGPL_ARTIFACTS.stream().anyMatch(file::startsWith) || mentionsAffero(entry)) {
        faults.add(file + " is AGPL");
      }
    }
    return faults;
  }

  private static boolean mentionsAffero(Path entry) {
    if (!entry.toString().endsWith(".jar")) {
      return false;
    }
    try (JarFile jar = new JarFile(entry.toFile())) {
      for (JarEntry file : Collections.list(jar.entries())) {
        String name = file.getName().toLowerCase(Locale.ROOT);
        boolean legal =
            name.endsWith("pom.xml") || name.contains("licen") || name.contains("notice");
        if (legal && !file.isDirectory() && !name.endsWith(".class")) {
          try (InputStream in = jar.getInputStream(file)) {
            if (new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("Affero")) {
              return true;
            }
          }
        }
      }
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(entry + " cannot be read", e);
    }
  }
}
