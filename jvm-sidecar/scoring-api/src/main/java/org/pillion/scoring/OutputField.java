package org.pillion.scoring;

import java.util.Objects;

/**
 * A field that a model returns.
 *
 * @param name name, unique in its contract
 * @param type type of the values
 * @param kind what the values tell
 * @param classValue the class that a probability belongs to, or null
 */
public record OutputField(String name, FieldType type, OutputKind kind, String classValue) {
  /** Name of what a model predicts that has no output and predicts for no field of its own. */
  public static final String UNNAMED_TARGET = "_target";

  public OutputField {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(kind, "kind");
  }
}
