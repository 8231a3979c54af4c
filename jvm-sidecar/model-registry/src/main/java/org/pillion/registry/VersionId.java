package org.pillion.registry;

import java.util.Comparator;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * One version of a model.
 *
 * @param model name of the model, which is the name of its folder
 * @param version 1, 2, 3 … to 2⁶³ - 1
 */
public record VersionId(String model, long version) implements Comparable<VersionId> {
  /** What {@link #number} accepts, in words. */
  public static final String NUMBER = "a whole number from 1 to " + Long.MAX_VALUE;

  private static final Pattern DIGITS = Pattern.compile("[1-9][0-9]{0,18}");
  private static final Comparator<VersionId> ORDER =
      Comparator.comparing(VersionId::model).thenComparingLong(VersionId::version);

  public VersionId {
    Objects.requireNonNull(model, "model");
  }

  /** The version that a text names; empty where it is not {@link #NUMBER}, in its one spelling. */
  public static OptionalLong number(String text) {
    if (!DIGITS.matcher(text).matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public int compareTo(VersionId other) {
    return ORDER.compare(this, other);
  }
}
