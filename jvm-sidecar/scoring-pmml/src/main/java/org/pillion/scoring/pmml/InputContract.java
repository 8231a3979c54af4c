package org.pillion.scoring.pmml;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidTreatment;
import org.pillion.scoring.MissingTreatment;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.DataDictionary;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Interval;

/** What callers are told of a field that they must supply. */
final class InputContract {
  private InputContract() {}

  static InputField compile(
      Element mining,
      DataDictionary.DataField declared,
      String missingReplacement,
      String invalidReplacement) {
    DataType type = declared.type().data();
    List<Object> values = new ArrayList<>();
    for (String text : declared.valid()) {
      values.add(boxed(declared.element(), text, type));
    }
    return new InputField(
        declared.name(),
        type.fieldType(),
        declared.type().operational(),
        values,
        declared.intervals().stream().map(InputContract::interval).toList(),
        missing(mining, missingReplacement),
        boxed(mining, missingReplacement, type),
        invalid(mining),
        boxed(mining, invalidReplacement, type));
  }

  private static Object boxed(Element element, String text, DataType type) {
    if (text == null) {
      return null;
    }
    try {
      return switch (type) {
        case STRING -> text;
        case INTEGER -> (long) Casting.parse(text, type);
        case FLOAT -> (float) Casting.parse(text, type);
        case DOUBLE -> Casting.parse(text, type);
        case BOOLEAN -> Casting.parse(text, type) != 0d;
      };
    } catch (IllegalArgumentException e) {
      throw element.unsupportedUse("'" + Element.shorten(text) + "' is no value of its field");
    }
  }

  private static org.pillion.scoring.Interval interval(Interval interval) {
    return new org.pillion.scoring.Interval(
        interval.left() == null ? Double.NEGATIVE_INFINITY : interval.left(),
        interval.leftClosed(),
        interval.right() == null ? Double.POSITIVE_INFINITY : interval.right(),
        interval.rightClosed());
  }

  /** A replacement without a treatment is PMML's short form of {@code asValue}. */
  private static MissingTreatment missing(Element mining, String replacement) {
    String text = mining.attribute("missingValueTreatment");
    if (text == null) {
      return replacement == null ? null : MissingTreatment.AS_VALUE;
    }
    for (MissingTreatment treatment : MissingTreatment.values()) {
      if (treatment.text().equals(text)) {
        return treatment;
      }
    }
    throw mining.unsupported("missingValueTreatment");
  }

  private static InvalidTreatment invalid(Element mining) {
    String text = mining.attribute("invalidValueTreatment", InvalidTreatment.RETURN_INVALID.text());
    for (InvalidTreatment treatment : InvalidTreatment.values()) {
      if (treatment.text().equals(text)) {
        // The interpreter reads the one as the other: without a replacement they are the same.
        return treatment == InvalidTreatment.AS_IS ? InvalidTreatment.AS_VALUE : treatment;
      }
    }
    throw mining.unsupported("invalidValueTreatment");
  }
}
