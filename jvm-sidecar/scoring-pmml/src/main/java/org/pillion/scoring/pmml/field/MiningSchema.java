package org.pillion.scoring.pmml.field;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;

/** The fields that a model takes, in document order, and those that it predicts. */
public final class MiningSchema {
  private final Map<String, Element> inputs = new LinkedHashMap<>();
  private final Map<String, Element> targets = new LinkedHashMap<>();

  public static MiningSchema compile(Element element) {
    MiningSchema schema = new MiningSchema();
    Map<String, Element> all = new LinkedHashMap<>();
    for (Element child : element.children("MiningField")) {
      child.ignore("importance");
      String name = child.require("name");
      if (all.put(name, child) != null) {
        throw child.invalid("names the field '" + name + "' twice");
      }
      switch (child.attribute("usageType", "active")) {
        case "active", "supplementary" -> schema.inputs.put(name, child);
        case "target", "predicted" -> {
          // They prepare the field's own values, which a prediction does not need.
          child.ignore("invalidValueTreatment", "invalidValueReplacement");
          child.ignore("missingValueTreatment", "missingValueReplacement");
          child.ignore("outliers", "lowValue", "highValue");
          schema.targets.put(name, child);
        }
        default -> throw child.unsupported("usageType");
      }
    }
    return schema;
  }

  /** The elements of the fields that the model takes, by name. */
  public Map<String, Element> inputs() {
    return inputs;
  }

  /** The names of the fields that the model predicts. */
  public List<String> targets() {
    return List.copyOf(targets.keySet());
  }

  /** The element of a field that the model predicts. */
  public Element target(String name) {
    return targets.get(name);
  }

  /**
   * Makes sure that a model inside another one takes its fields as the other one left them.
   *
   * @throws org.pillion.scoring.UnsupportedElement naming the attribute that changes them again
   */
  public void requireUntreated(DataDictionary dictionary) {
    for (Map.Entry<String, Element> input : inputs.entrySet()) {
      Element field = input.getValue();
      requireOptype(field, dictionary.find(input.getKey()));
      refuse(field, "invalidValueReplacement");
      refuse(field, "missingValueReplacement");
      // The outer model has let a value in or not; to leave it as it is changes nothing.
      switch (field.attribute("invalidValueTreatment", "returnInvalid")) {
        case "returnInvalid", "asIs" -> {}
        default -> throw field.unsupported("invalidValueTreatment");
      }
      if (!field.attribute("outliers", "asIs").equals("asIs")) {
        throw field.unsupported("outliers");
      }
      field.ignore("missingValueTreatment");
    }
  }

  /**
   * Makes sure that a mining field leaves its field's operational type as it is.
   *
   * @param declared the field, or null for one that is not in the dictionary
   * @throws org.pillion.scoring.UnsupportedElement when it has another one
   */
  public static void requireOptype(Element mining, DataDictionary.DataField declared) {
    String optype = mining.attribute("optype");
    if (optype != null
        && (declared == null || !optype.equals(declared.type().operational().text()))) {
      throw mining.unsupported("optype");
    }
  }

  private static void refuse(Element field, String attribute) {
    if (field.attribute(attribute) != null) {
      throw field.unsupported(attribute);
    }
  }
}
