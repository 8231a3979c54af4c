package org.pillion.scoring.pmml.field;

import java.util.HashMap;
import java.util.Map;

/**
 * Numbers for those values of a field that a document names: code 0 is any other value.
 *
 * <p>Filled while the document is compiled, only read afterwards.
 */
public final class Dictionary {
  /** The code of a value that the document does not name. */
  public static final int OTHER = 0;

  private final DataType type;
  private final Map<Object, Integer> codes = new HashMap<>();

  Dictionary(DataType type) {
    this.type = type;
  }

  /** Number of codes. */
  public int size() {
    return codes.size() + 1;
  }

  /**
   * The code of the value that a constant of the document spells.
   *
   * @throws IllegalArgumentException when it spells none of the field's type
   */
  int define(String constant) {
    Object key = type == DataType.STRING ? constant : (Object) (Casting.parse(constant, type) + 0d);
    return codes.computeIfAbsent(key, unused -> codes.size() + 1);
  }

  int code(String value) {
    return codes.getOrDefault(value, OTHER);
  }

  int code(double value) {
    return codes.getOrDefault(value, OTHER);
  }
}
