package org.pillion.registry;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** How a model's outputs become items in order, as its manifest says. */
public sealed interface Ranking {
  /**
   * One row per candidate; an output is the candidate's score.
   *
   * @param output name of the output
   */
  record ByScore(String output) implements Ranking {}

  /**
   * One row in all; each output is the score of the item that its class stands for.
   *
   * @param items item by output
   */
  record ByClass(Map<String, Long> items) implements Ranking {
    public ByClass {
      items = Collections.unmodifiableMap(new LinkedHashMap<>(items));
    }
  }

  /** Reads the manifest's member {@code ranking}; null where it has none. */
  static Ranking of(Object json, String file) throws VersionRefused {
    if (json == null) {
      return null;
    }
    if (json instanceof Map<?, ?> ranking) {
      if ("score".equals(ranking.get("kind")) && ranking.get("output") instanceof String output) {
        return new ByScore(output);
      }
      if ("classes".equals(ranking.get("kind"))
          && ranking.get("classes") instanceof Map<?, ?> classes) {
        return new ByClass(items(classes, file));
      }
    }
    throw new VersionRefused(
        file + " has a ranking that is neither 'score' with 'output' nor 'classes' with 'classes'");
  }

  private static Map<String, Long> items(Map<?, ?> classes, String file) throws VersionRefused {
    Map<String, Long> items = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : classes.entrySet()) {
      if (!(entry.getValue() instanceof Long item)) {
        throw new VersionRefused(file + " has a ranking with a class that is no item id");
      }
      items.put((String) entry.getKey(), item);
    }
    return items;
  }
}
