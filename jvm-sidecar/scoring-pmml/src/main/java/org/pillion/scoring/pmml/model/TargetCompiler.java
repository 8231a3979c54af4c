package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.DataDictionary;
import org.pillion.scoring.pmml.field.DataDictionary.DataField;
import org.pillion.scoring.pmml.field.MiningSchema;
import org.pillion.scoring.pmml.field.ValueType;

/** {@code Targets}, and what a model predicts by its schema and the data dictionary. */
final class TargetCompiler {
  private TargetCompiler() {}

  /**
   * The target of a model.
   *
   * @param parent what the model around it was given, or null
   */
  static Target compile(
      Element element, MiningSchema schema, DataDictionary dictionary, ModelContext parent) {
    Element targets = element.child("Targets");
    List<Element> declared = targets == null ? List.of() : targets.children("Target");
    if (declared.size() > 1) {
      throw targets.unsupportedUse("it has more than one Target");
    }
    Element target = declared.isEmpty() ? null : declared.get(0);
    if (schema.targets().isEmpty()) {
      return synthetic(element, target, parent);
    }
    // Of several targets, a chain's segments predict one each.
    String name = schema.targets().get(schema.targets().size() - 1);
    for (String other : schema.targets()) {
      MiningSchema.requireOptype(schema.target(other), requireField(element, dictionary, other));
    }
    DataField field = requireField(element, dictionary, name);
    if (schema.targets().size() > 1 && !ModelContext.isChain(element)) {
      throw element.unsupportedUse("it predicts more than one field");
    }
    if (target != null && !name.equals(target.attribute("field", name))) {
      throw target.unsupported("field");
    }
    return of(element, target, name, field.type(), field.valid());
  }

  private static DataField requireField(Element element, DataDictionary dictionary, String name) {
    DataField field = dictionary.find(name);
    if (field == null) {
      throw element.unsupportedUse("its target '" + name + "' is not in the data dictionary");
    }
    return field;
  }

  private static Target of(
      Element model, Element target, String name, ValueType type, List<String> values) {
    if (target == null) {
      return new Target(name, type, values, null, List.of());
    }
    requireOptype(target, type);
    List<Element> defaults = target.children("TargetValue");
    return switch (model.require("functionName")) {
      case "regression" ->
          new Target(name, type, values, Target.Rescaling.compile(target), defaults);
      case "classification" -> new Target(name, type, values, null, defaults);
      default -> throw target.unsupported();
    };
  }

  /** Whether values are ordered makes no difference for a prediction; whether they add up does. */
  private static void requireOptype(Element target, ValueType type) {
    boolean continuous =
        switch (target.attribute("optype", type.operational().text())) {
          case "continuous" -> true;
          case "categorical", "ordinal" -> false;
          default -> throw target.unsupported("optype");
        };
    if (continuous != type.isContinuous()) {
      throw target.unsupported("optype");
    }
  }

  /** The target of a model that names none. */
  private static Target synthetic(Element element, Element target, ModelContext parent) {
    if (target != null && target.attribute("field") != null) {
      throw target.unsupported("field");
    }
    ValueType type =
        switch (element.require("functionName")) {
          case "regression" -> ValueType.CONTINUOUS_DOUBLE;
          case "classification" ->
              parent != null && parent.classification()
                  ? ValueType.categorical(parent.target().type().data())
                  : ValueType.CATEGORICAL_STRING;
          default -> ValueType.CATEGORICAL_STRING;
        };
    return of(element, target, null, type, List.of());
  }
}
