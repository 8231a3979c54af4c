package org.pillion.scoring;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model takes and what it returns, each in document order.
 *
 * @param inputs the fields that a batch must supply, exactly
 * @param outputs the fields of a result
 */
public record FeatureContract(List<InputField> inputs, List<OutputField> outputs) {
  public FeatureContract {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    requireDistinct(inputs.stream().map(InputField::name).toList());
    requireDistinct(outputs.stream().map(OutputField::name).toList());
  }

  /** Position of every input by its name. */
  public Map<String, Integer> inputPositions() {
    Map<String, Integer> positions = new HashMap<>(2 * inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      positions.put(inputs.get(i).name(), i);
    }
    return positions;
  }

  /**
   * Refuses a batch for another model.
   *
   * @param other the contract that the batch was made for
   * @throws InvalidInput when it is not equal to this one
   */
  public void requireSame(FeatureContract other) {
    if (other != this && !other.equals(this)) {
      throw new InvalidInput("the batch was made for another model");
    }
  }

  /** This contract as JSON: {@code {"inputs": [...], "outputs": [...]}}. */
  public String toJson() {
    return ContractJson.write(this);
  }

  private static void requireDistinct(List<String> names) {
    Map<String, Integer> seen = new HashMap<>();
    for (String name : names) {
      if (seen.merge(name, 1, Integer::sum) > 1) {
        throw new InvalidModel("the document declares the field '" + name + "' twice");
      }
    }
  }
}
