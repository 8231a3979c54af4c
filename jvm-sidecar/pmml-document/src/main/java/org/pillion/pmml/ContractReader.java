package org.pillion.pmml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.Interval;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.InvalidTreatment;
import org.pillion.scoring.MissingTreatment;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.UnsupportedElement;

/** The feature contract of a document, the same as the interpreter reports. */
public final class ContractReader {
  private static final Set<String> TARGETS = Set.of("target", "predicted");

  private final Map<String, DataField> dictionary = new HashMap<>();
  private final Map<String, InputField> inputs = new LinkedHashMap<>();
  private final Map<String, OutputField> outputs = new LinkedHashMap<>();
  private final Map<String, OutputField> segmentOutputs = new LinkedHashMap<>();
  private final List<String> targets = new ArrayList<>();

  private record DataField(
      String name,
      FieldType type,
      OperationalType operationalType,
      List<String> values,
      List<Interval> intervals) {}

  /** Reads the dictionary at whose start the cursor is. */
  public void readDictionary(XmlCursor cursor) {
    int depth = cursor.depth();
    while (cursor.nextChild(depth)) {
      if (cursor.name().equals("DataField")) {
        DataField field = dataField(cursor);
        if (dictionary.putIfAbsent(field.name, field) != null) {
          throw new InvalidModel("the document declares the field '" + field.name + "' twice");
        }
      }
    }
  }

  private static DataField dataField(XmlCursor cursor) {
    String name = cursor.required("name");
    FieldType type = fieldType(cursor.required("dataType"));
    OperationalType operationalType = operationalType(cursor.required("optype"));
    List<String> values = new ArrayList<>();
    List<Interval> intervals = new ArrayList<>();
    int depth = cursor.depth();
    while (cursor.nextChild(depth)) {
      if (cursor.name().equals("Value") && "valid".equals(cursor.attribute("property", "valid"))) {
        values.add(cursor.required("value"));
      } else if (cursor.name().equals("Interval")) {
        intervals.add(interval(cursor));
      }
    }
    return new DataField(name, type, operationalType, values, intervals);
  }

  private static Interval interval(XmlCursor cursor) {
    String closure = cursor.required("closure");
    String left = cursor.attribute("leftMargin");
    String right = cursor.attribute("rightMargin");
    return new Interval(
        left == null ? Double.NEGATIVE_INFINITY : number(left),
        closure.startsWith("closed"),
        right == null ? Double.POSITIVE_INFINITY : number(right),
        closure.endsWith("Closed"));
  }

  /** Reads the mining schema of the document's model, at whose start the cursor is. */
  public void readMiningSchema(XmlCursor cursor) {
    int depth = cursor.depth();
    while (cursor.nextChild(depth)) {
      if (cursor.name().equals("MiningField")) {
        miningField(cursor);
      }
    }
  }

  private void miningField(XmlCursor cursor) {
    String name = cursor.required("name");
    String usage = cursor.attribute("usageType", "active");
    if (TARGETS.contains(usage)) {
      targets.add(name);
      return;
    }
    if (!usage.equals("active")) {
      return;
    }
    DataField data = dictionary.get(name);
    if (data == null) {
      throw new InvalidModel(
          "the document refers to the field '" + name + "', which it does not declare");
    }
    String replacement = cursor.attribute("missingValueReplacement");
    InputField field =
        new InputField(
            name,
            data.type,
            operationalType(cursor.attribute("optype", data.operationalType.text())),
            data.values.stream().map(value -> boxed(name, data.type, value)).toList(),
            data.intervals,
            missing(cursor.attribute("missingValueTreatment"), replacement),
            boxed(name, data.type, replacement),
            invalid(cursor.attribute("invalidValueTreatment", "returnInvalid")),
            boxed(name, data.type, cursor.attribute("invalidValueReplacement")));
    if (inputs.putIfAbsent(name, field) != null) {
      throw new InvalidModel("the document declares the field '" + name + "' twice");
    }
  }

  /** Reads the outputs of the document's model, at whose start the cursor is. */
  public void readOutputs(XmlCursor cursor) {
    readOutputs(cursor, outputs);
  }

  /** Reads the outputs of a model in a chain, at whose start the cursor is. */
  public void readSegmentOutputs(XmlCursor cursor) {
    readOutputs(cursor, segmentOutputs);
  }

  /** Forgets the outputs of the models in a chain that were read so far: another one follows. */
  public void forgetSegment() {
    segmentOutputs.clear();
  }

  private void readOutputs(XmlCursor cursor, Map<String, OutputField> into) {
    int depth = cursor.depth();
    while (cursor.nextChild(depth)) {
      if (cursor.name().equals("OutputField")) {
        OutputField field = outputField(cursor);
        into.putIfAbsent(field.name(), field);
      }
    }
  }

  private OutputField outputField(XmlCursor cursor) {
    String name = cursor.required("name");
    OutputKind kind =
        switch (cursor.attribute("feature", "predictedValue")) {
          case "predictedValue", "predictedDisplayValue" -> OutputKind.PREDICTION;
          case "probability" -> OutputKind.PROBABILITY;
          default -> OutputKind.OTHER;
        };
    String type = cursor.attribute("dataType");
    if (type == null) {
      throw new UnsupportedElement(
          "OutputField", "the output '" + name + "' has no data type of its own");
    }
    String value = kind == OutputKind.PROBABILITY ? cursor.attribute("value") : null;
    return new OutputField(name, fieldType(type), kind, classValue(value));
  }

  /** The class as its target's type spells it. */
  private String classValue(String value) {
    if (value == null || targets.isEmpty() || !dictionary.containsKey(targets.get(0))) {
      return value;
    }
    return boxed(targets.get(0), dictionary.get(targets.get(0)).type, value).toString();
  }

  /** The contract of what was read. */
  public FeatureContract contract() {
    Map<String, OutputField> all = new LinkedHashMap<>();
    for (String target : targets) {
      DataField data = dictionary.get(target);
      if (data == null) {
        throw new UnsupportedElement(
            "MiningField", "the target '" + target + "' is not in the data dictionary");
      }
      all.put(target, new OutputField(target, data.type, OutputKind.TARGET, null));
    }
    segmentOutputs.forEach(all::putIfAbsent);
    outputs.forEach(all::putIfAbsent);
    return new FeatureContract(List.copyOf(inputs.values()), List.copyOf(all.values()));
  }

  private static FieldType fieldType(String dataType) {
    return switch (dataType) {
      case "integer" -> FieldType.INTEGER;
      case "float" -> FieldType.FLOAT;
      case "double" -> FieldType.DOUBLE;
      case "boolean" -> FieldType.BOOLEAN;
      default -> FieldType.STRING;
    };
  }

  private static OperationalType operationalType(String text) {
    for (OperationalType type : OperationalType.values()) {
      if (type.text().equals(text)) {
        return type;
      }
    }
    throw new InvalidModel("unknown operational type: " + text);
  }

  private static MissingTreatment missing(String text, String replacement) {
    if (text == null) {
      return replacement == null ? null : MissingTreatment.AS_VALUE;
    }
    String plain = text.startsWith("x-") ? text.substring(2) : text;
    for (MissingTreatment treatment : MissingTreatment.values()) {
      if (treatment.text().equals(plain)) {
        return treatment;
      }
    }
    throw new InvalidModel("unknown treatment of missing values: " + text);
  }

  /** JPMML takes PMML 4.4's {@code asIs} for what later versions spell {@code asValue}. */
  private static InvalidTreatment invalid(String text) {
    if (text.equals("asIs")) {
      return InvalidTreatment.AS_VALUE;
    }
    for (InvalidTreatment treatment : InvalidTreatment.values()) {
      if (treatment.text().equals(text)) {
        return treatment;
      }
    }
    throw new InvalidModel("unknown treatment of invalid values: " + text);
  }

  private static Object boxed(String field, FieldType type, String value) {
    if (value == null) {
      return null;
    }
    return switch (type) {
      case STRING -> value;
      case INTEGER -> whole(field, value);
      case FLOAT -> (float) number(value);
      case DOUBLE -> number(value);
      case BOOLEAN -> value.equals("true") || value.equals("1") || value.equals("1.0");
    };
  }

  private static Object whole(String field, String value) {
    double number = number(value);
    if ((long) number != number) {
      throw new InvalidModel("'" + value + "', a value of '" + field + "', is not a whole number");
    }
    return (long) number;
  }

  private static double number(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new InvalidModel("'" + value + "' is not a number", e);
    }
  }
}
