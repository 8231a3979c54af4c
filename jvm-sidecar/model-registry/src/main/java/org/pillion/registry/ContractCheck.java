package org.pillion.registry;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;

/** Compares the contract in a manifest with that of the document. */
final class ContractCheck {
  private static final List<String> SOURCES = List.of("user", "item", "online");

  private ContractCheck() {}

  /**
   * Every input must be declared with its type, and no other; what else is declared of an input
   * must agree. Of the outputs, a manifest may leave some out, and the engine those that the plan
   * has besides the model.
   */
  static void check(Manifest manifest, FeatureContract contract) throws VersionRefused {
    checkInputs(manifest.inputs(), contract.inputs());
    checkOutputs(manifest.outputs(), contract.outputs(), manifest.planOutputs());
  }

  private static void checkInputs(List<Map<?, ?>> declared, List<InputField> inputs)
      throws VersionRefused {
    Map<String, InputField> byName = new HashMap<>();
    inputs.forEach(input -> byName.put(input.name(), input));
    Set<String> names = new HashSet<>();
    for (Map<?, ?> field : declared) {
      String name = (String) field.get("name");
      InputField input = byName.get(name);
      if (input == null) {
        throw new VersionRefused(
            "the manifest declares the input '" + name + "', which the document does not have");
      }
      if (!names.add(name)) {
        throw new VersionRefused("the manifest declares the input '" + name + "' twice");
      }
      same("input", name, "type", field, input.type().text(), true);
      same("input", name, "optype", field, input.operationalType().text(), false);
      same("input", name, "invalid", field, input.invalid().text(), false);
      sameValues(name, field, input);
      if (field.get("source") != null && !SOURCES.contains(field.get("source"))) {
        throw new VersionRefused(
            "the manifest says that the input '%s' comes from '%s', but inputs come from %s"
                .formatted(name, field.get("source"), String.join(", ", SOURCES)));
      }
    }
    for (InputField input : inputs) {
      if (!names.contains(input.name())) {
        throw new VersionRefused(
            "the document has the input '"
                + input.name()
                + "', which the manifest does not declare");
      }
    }
  }

  private static void checkOutputs(
      List<Map<?, ?>> declared, List<OutputField> outputs, Set<String> ofPlan)
      throws VersionRefused {
    Map<String, OutputField> byName = new HashMap<>();
    outputs.forEach(output -> byName.put(output.name(), output));
    for (Map<?, ?> field : declared) {
      String name = (String) field.get("name");
      OutputField output = byName.get(name);
      if (output == null && ofPlan.contains(name)) {
        continue; // the interpreter knows the model alone
      }
      if (output == null) {
        throw new VersionRefused(
            "the manifest declares the output '" + name + "', which the document does not have");
      }
      same("output", name, "type", field, output.type().text(), true);
    }
  }

  private static void same(
      String kind, String name, String key, Map<?, ?> field, String actual, boolean required)
      throws VersionRefused {
    Object declared = field.get(key);
    if (declared == null ? required : !declared.equals(actual)) {
      throw new VersionRefused(
          "the manifest declares the %s '%s' with %s %s, but the document says %s"
              .formatted(kind, name, key, declared, actual));
    }
  }

  private static void sameValues(String name, Map<?, ?> field, InputField input)
      throws VersionRefused {
    if (!(field.get("values") instanceof List<?> declared)) {
      return;
    }
    List<String> expected = declared.stream().map(String::valueOf).toList();
    List<String> actual = input.values().stream().map(String::valueOf).toList();
    if (!expected.equals(actual)) {
      throw new VersionRefused(
          "the manifest declares other valid values of the input '" + name + "' than the document");
    }
  }
}
