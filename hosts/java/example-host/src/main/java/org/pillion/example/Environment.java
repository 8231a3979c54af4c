package org.pillion.example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The variables that the shim reads as well.
 *
 * @param variables by name
 */
record Environment(Map<String, String> variables) {
  String text(String name, String otherwise) {
    return variables.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    return Integer.parseInt(text(name, Integer.toString(otherwise)));
  }

  Duration millis(String name, double otherwise) {
    return Duration.ofNanos(
        (long) (1e6 * Double.parseDouble(text(name, Double.toString(otherwise)))));
  }

  Duration seconds(String name, double otherwise) {
    return Duration.ofNanos(
        (long) (1e9 * Double.parseDouble(text(name, Double.toString(otherwise)))));
  }

  Path path(String name, String otherwise) {
    String text = text(name, otherwise);
    return text == null ? null : Path.of(text);
  }
}
