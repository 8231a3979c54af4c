package org.pillion.server.tensor;

import java.util.Arrays;
import java.util.Map;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.Truncated;

/** Checks names, datatypes and shapes of a request's tensors. */
public final class InputRules {
  private final FeatureContract contract;
  private final Map<String, Integer> positions;
  private final int maxRows;
  private final MemoryBudget memory;

  /**
   * Rules of a model for one request.
   *
   * @param maxRows most rows in a request
   * @param memory what the request may take
   */
  public InputRules(FeatureContract contract, int maxRows, MemoryBudget memory) {
    this.contract = contract;
    this.positions = contract.inputPositions();
    this.maxRows = maxRows;
    this.memory = memory;
  }

  /** What the request may take; asked before anything is made of its bytes. */
  public MemoryBudget memory() {
    return memory;
  }

  public FeatureContract contract() {
    return contract;
  }

  /** Whether the model has an input of a name. */
  public boolean has(String name) {
    return positions.containsKey(name);
  }

  /**
   * The refusal of an input that the model does not have.
   *
   * @param name the input's
   */
  public static InvalidInput unknown(String name) {
    return new InvalidInput(
        name, "the field '" + Truncated.of(name) + "' is not an input of the model");
  }

  /**
   * An empty column for the values of a tensor.
   *
   * @param name of an input of the model
   * @throws InvalidInput when there is no such datatype, or the field does not take it
   */
  public TensorColumn column(String name, String datatypeName) {
    FieldType type = contract.inputs().get(positions.get(name)).type();
    Datatype datatype = Datatype.of(datatypeName, name);
    if (!datatype.fits(type)) {
      throw new InvalidInput(
          name,
          "the input '%s' is of type %s, so its datatype is one of %s, not %s"
              .formatted(name, type.text(), Datatype.accepted(type), datatype));
    }
    return new TensorColumn(this, name, datatype, new ColumnBuilder(name, type, 1, memory));
  }

  /**
   * The number of rows of a shape.
   *
   * @throws InvalidInput when it is not one column
   * @throws RequestException when there are too many
   */
  public int rows(String name, long[] shape) {
    boolean column = shape.length == 1 || shape.length == 2 && shape[1] == 1;
    if (!column || shape[0] < 1) {
      throw new InvalidInput(
          name,
          "the input '%s' has the shape %s, but [n] or [n, 1] with n of 1 or more is expected"
              .formatted(name, Truncated.of(Arrays.toString(shape))));
    }
    requireRoom(name, shape[0]);
    return (int) shape[0];
  }

  /**
   * Checks a number of rows against the limit.
   *
   * @throws RequestException when there are too many
   */
  public void requireRoom(String name, long rows) {
    if (rows > maxRows) {
      throw new RequestException(
          RequestException.Kind.TOO_LARGE,
          "the input '%s' has more rows than the %d allowed: at least %d; see --max-rows"
              .formatted(name, maxRows, rows));
    }
  }

  /**
   * Checks the length of a tensor's data against its shape.
   *
   * @throws InvalidInput when they differ
   */
  public void requireValues(String name, long[] shape, long values) {
    if (shape[0] != values) {
      throw new InvalidInput(
          name,
          "the input '%s' has the shape %s, but its data has %d values"
              .formatted(name, Arrays.toString(shape), values));
    }
  }
}
