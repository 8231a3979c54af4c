package org.pillion.example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/**
 * The variables that the shim reads as well.
 *
 * @param variables by name
 */
record Environment(Map<String, String> variables) {
  /** A variable's value; one that is empty counts as absent. */
  String text(String name, String otherwise) {
    String value = variables.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : value;
  }

  /**
   * A whole number.
   *
   * @throws IllegalArgumentException when it is something else; names the variable
   */
  int number(String name, int otherwise) {
    return read(name, Integer.toString(otherwise), "a whole number", Integer::valueOf);
  }

  Duration millis(String name, double otherwise) {
    return duration(name, otherwise, 1e6, "a number of milliseconds");
  }

  Duration seconds(String name, double otherwise) {
    return duration(name, otherwise, 1e9, "a number of seconds");
  }

  Path path(String name, String otherwise) {
    String text = text(name, otherwise);
    return text == null ? null : Path.of(text);
  }

  private Duration duration(String name, double otherwise, double nanos, String expected) {
    double value = read(name, Double.toString(otherwise), expected, Double::valueOf);
    return Duration.ofNanos((long) (nanos * value));
  }

  private <T> T read(String name, String otherwise, String expected, Function<String, T> parse) {
    String value = text(name, otherwise);
    try {
      return parse.apply(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is '%s', which is not %s".formatted(name, value, expected), e);
    }
  }
}
