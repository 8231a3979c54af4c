package org.pillion.scoring;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What a model takes and what it returns, each in document order. */
public final class FeatureContract {
  private final List<InputField> inputs;
  private final List<OutputField> outputs;

  /** Kept, as every batch asks for it. */
  private final Map<String, Integer> positions;

  /**
   * A contract.
   *
   * @param inputs the fields that a batch must supply, exactly
   * @param outputs the fields of a result
   * @throws InvalidModel when two inputs or two outputs have one name
   */
  public FeatureContract(List<InputField> inputs, List<OutputField> outputs) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.positions = positions(this.inputs.stream().map(InputField::name).toList());
    positions(this.outputs.stream().map(OutputField::name).toList());
  }

  /** The fields that a batch must supply, exactly. */
  public List<InputField> inputs() {
    return inputs;
  }

  /** The fields of a result. */
  public List<OutputField> outputs() {
    return outputs;
  }

  /** Position of every input by its name; not to be changed. */
  public Map<String, Integer> inputPositions() {
    return positions;
  }

  /**
   * Positions of the inputs that are a vector's elements: those of {@code user_factor} are {@code
   * user_factor_0}, {@code user_factor_1} and so on. None where there is no first one.
   */
  public int[] elements(String vector) {
    int count = 0;
    while (positions.containsKey(vector + "_" + count)) {
      count++;
    }
    return IntStream.range(0, count).map(i -> positions.get(vector + "_" + i)).toArray();
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

  private static Map<String, Integer> positions(List<String> names) {
    Map<String, Integer> positions = new HashMap<>(2 * names.size());
    for (String name : names) {
      if (positions.put(name, positions.size()) != null) {
        throw new InvalidModel("the document declares the field '" + name + "' twice");
      }
    }
    return Collections.unmodifiableMap(positions);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureContract that
        && inputs.equals(that.inputs)
        && outputs.equals(that.outputs);
  }

  @Override
  public int hashCode() {
    return 31 * inputs.hashCode() + outputs.hashCode();
  }

  @Override
  public String toString() {
    return "inputs " + inputs + ", outputs " + outputs;
  }
}
