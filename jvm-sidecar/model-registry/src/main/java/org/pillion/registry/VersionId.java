package org.pillion.registry;

import java.util.Comparator;
import java.util.Objects;

/**
 * One version of a model.
 *
 * @param model name of the model, which is the name of its folder
 * @param version 1, 2, 3 …
 */
public record VersionId(String model, int version) implements Comparable<VersionId> {
  public VersionId {
    Objects.requireNonNull(model, "model");
  }

  @Override
  public int compareTo(VersionId other) {
    return Comparator.comparing(VersionId::model)
        .thenComparingInt(VersionId::version)
        .compare(this, other);
  }
}
