package org.pillion.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A version's manifest; unknown keys are ignored.
 *
 * @param id the version
 * @param modelSha256 hash of the document
 * @param verificationSha256 hash of the verification set
 * @param itemsSha256 hash of the item table, or null where the version has none
 * @param inputs the declared inputs, each as its JSON object
 * @param outputs the declared outputs, each as its JSON object
 * @param ranking how outputs become items, or null
 * @param engine the engine that the version is cleared for, or {@code auto}
 * @param explained per engine the rows of the verification set for which PMML's own rules give
 *     another answer than Spark's, as was found when the version was published
 */
record Manifest(
    VersionId id,
    String modelSha256,
    String verificationSha256,
    String itemsSha256,
    List<Map<?, ?>> inputs,
    List<Map<?, ?>> outputs,
    Ranking ranking,
    String engine,
    Map<String, Set<Integer>> explained) {
  /** The engine of a version that none was cleared for. */
  static final String NO_ENGINE = "none";

  private static final String FILE = VersionFolder.MANIFEST;
  private static final long FORMAT = 1;

  static Manifest read(byte[] json) throws VersionRefused {
    Map<String, Object> root = JsonTree.object(json, FILE);
    if (!Long.valueOf(FORMAT).equals(root.get("format"))) {
      throw new VersionRefused(
          FILE + " has format " + root.get("format") + ", but only " + FORMAT + " is known");
    }
    return new Manifest(
        new VersionId(text(root, "model"), version(root)),
        sha256(root, VersionFolder.MODEL),
        sha256(root, VersionFolder.VERIFICATION),
        object(root, "files").containsKey(VersionFolder.ITEMS)
            ? sha256(root, VersionFolder.ITEMS)
            : null,
        fields(object(root, "contract"), "inputs"),
        fields(root, "outputs"),
        Ranking.of(root.get("ranking"), FILE),
        root.get("engine") == null ? "auto" : text(root, "engine"),
        explained(root));
  }

  /** Where inputs come from when served, by name; of those that it says it of. */
  Map<String, String> sources() {
    Map<String, String> sources = new HashMap<>();
    for (Map<?, ?> input : inputs) {
      if (input.get("source") instanceof String source) {
        sources.put((String) input.get("name"), source);
      }
    }
    return Map.copyOf(sources);
  }

  /**
   * Names of the outputs that a Spark plan has besides the model, so that the interpreter has not.
   */
  Set<String> planOutputs() {
    return outputs.stream()
        .filter(output -> Boolean.TRUE.equals(output.get("plan")))
        .map(output -> (String) output.get("name"))
        .collect(Collectors.toSet());
  }

  /** The rows that an engine was not held to; none where the manifest says nothing of it. */
  Set<Integer> explainedFor(String engine) {
    return explained.getOrDefault(engine, Set.of());
  }

  private static Map<String, Set<Integer>> explained(Map<?, ?> root) throws VersionRefused {
    Map<String, Set<Integer>> byEngine = new HashMap<>();
    if (root.get("parity") instanceof Map<?, ?> parity) {
      for (Map.Entry<?, ?> entry : parity.entrySet()) {
        if (entry.getValue() instanceof Map<?, ?> record
            && record.get("explained") instanceof List<?> groups) {
          byEngine.put((String) entry.getKey(), rows(groups));
        }
      }
    }
    return byEngine;
  }

  private static Set<Integer> rows(List<?> groups) throws VersionRefused {
    Set<Integer> rows = new HashSet<>();
    for (Object group : groups) {
      if (!(group instanceof Map<?, ?> object)
          || !(object.get("rows") instanceof List<?> numbers)) {
        throw new VersionRefused(FILE + " has an explanation without a list 'rows'");
      }
      for (Object number : numbers) {
        if (!(number instanceof Long row) || row < 0 || row > Integer.MAX_VALUE) {
          throw new VersionRefused(
              FILE + " explains the row " + number + ", which is no number of a row");
        }
        rows.add(row.intValue());
      }
    }
    return rows;
  }

  private static long version(Map<?, ?> root) throws VersionRefused {
    if (root.get("version") instanceof Long version) {
      return version;
    }
    throw new VersionRefused(FILE + " has no whole number 'version'");
  }

  private static String sha256(Map<?, ?> root, String file) throws VersionRefused {
    return text(object(object(root, "files"), file), "sha256");
  }

  private static String text(Map<?, ?> parent, String key) throws VersionRefused {
    if (parent.get(key) instanceof String text) {
      return text;
    }
    throw new VersionRefused(FILE + " has no text '" + key + "'");
  }

  private static Map<?, ?> object(Map<?, ?> parent, String key) throws VersionRefused {
    if (parent.get(key) instanceof Map<?, ?> object) {
      return object;
    }
    throw new VersionRefused(FILE + " has no object '" + key + "'");
  }

  private static List<Map<?, ?>> fields(Map<?, ?> parent, String key) throws VersionRefused {
    if (!(parent.get(key) instanceof List<?> items)) {
      throw new VersionRefused(FILE + " has no list '" + key + "'");
    }
    List<Map<?, ?>> fields = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof Map<?, ?> field) || !(field.get("name") instanceof String)) {
        throw new VersionRefused(FILE + " has a field without a name in '" + key + "'");
      }
      fields.add(field);
    }
    return fields;
  }
}
