package org.pillion.scoring;

import java.util.List;
import java.util.Objects;

/**
 * A field that a caller supplies.
 *
 * @param name name, unique in its contract
 * @param type type of the values
 * @param operationalType how values compare
 * @param values the declared valid values, in document order; empty when none are declared
 * @param intervals the declared valid ranges; empty when none are declared
 * @param missing treatment of missing values, or null when the document declares none
 * @param missingReplacement what replaces a missing value, or null
 * @param invalid treatment of values outside the domain
 * @param invalidReplacement what replaces an invalid value, or null
 * @param format what the texts of the field spell, by Spark's name of the type, such as {@code
 *     date} or {@code decimal(10,2)}; null where they are texts, or the field has none
 */
public record InputField(
    String name,
    FieldType type,
    OperationalType operationalType,
    List<Object> values,
    List<Interval> intervals,
    MissingTreatment missing,
    Object missingReplacement,
    InvalidTreatment invalid,
    Object invalidReplacement,
    String format) {

  public InputField {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(operationalType, "operationalType");
    Objects.requireNonNull(invalid, "invalid");
    values = List.copyOf(values);
    intervals = List.copyOf(intervals);
  }

  /** A field whose values are of its type and nothing else. */
  public InputField(
      String name,
      FieldType type,
      OperationalType operationalType,
      List<Object> values,
      List<Interval> intervals,
      MissingTreatment missing,
      Object missingReplacement,
      InvalidTreatment invalid,
      Object invalidReplacement) {
    this(
        name,
        type,
        operationalType,
        values,
        intervals,
        missing,
        missingReplacement,
        invalid,
        invalidReplacement,
        null);
  }

  /** A field without declared domain and with PMML's default treatments. */
  public static InputField of(String name, FieldType type, OperationalType operationalType) {
    return new InputField(
        name,
        type,
        operationalType,
        List.of(),
        List.of(),
        null,
        null,
        InvalidTreatment.RETURN_INVALID,
        null);
  }
}
