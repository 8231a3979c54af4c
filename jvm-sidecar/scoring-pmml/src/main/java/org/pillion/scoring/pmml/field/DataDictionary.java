package org.pillion.scoring.pmml.field;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;

/** The fields that a document's callers know. */
public final class DataDictionary {
  /**
   * A field of the dictionary.
   *
   * @param valid texts of the values declared as valid
   * @param invalid texts of the values declared as invalid
   * @param missing texts of the values that stand for a missing one
   */
  public record DataField(
      Element element,
      String name,
      ValueType type,
      List<String> valid,
      List<String> invalid,
      List<String> missing,
      List<Interval> intervals) {}

  private final Map<String, DataField> fields = new LinkedHashMap<>();

  public static DataDictionary compile(Element element) {
    element.ignore("numberOfFields");
    DataDictionary dictionary = new DataDictionary();
    for (Element child : element.children("DataField")) {
      DataField field = field(child);
      if (dictionary.fields.put(field.name(), field) != null) {
        throw child.invalid("declares the field '" + field.name() + "' twice");
      }
    }
    return dictionary;
  }

  private static DataField field(Element element) {
    element.ignore("displayName");
    // It would matter for the distance of two values, which no model takes around a circle.
    element.ignore("isCyclic");
    ValueType type = ValueType.of(element);
    List<String> valid = new ArrayList<>();
    List<String> invalid = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Element value : element.children("Value")) {
      value.ignore("displayValue");
      String text = value.require("value");
      switch (value.attribute("property", "valid")) {
        case "valid" -> valid.add(text);
        case "invalid" -> invalid.add(text);
        case "missing" -> missing.add(text);
        default -> throw value.unsupported("property");
      }
    }
    List<Interval> intervals =
        element.children("Interval").stream().map(Interval::compile).toList();
    if (!intervals.isEmpty() && !(type.isContinuous() && type.data().isNumeric())) {
      throw element.invalid("has intervals, but its values have no size");
    }
    return new DataField(
        element, element.require("name"), type, valid, invalid, missing, intervals);
  }

  /** The field of a name, or null. */
  public DataField find(String name) {
    return fields.get(name);
  }
}
