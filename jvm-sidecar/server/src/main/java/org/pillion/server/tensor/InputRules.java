package org.pillion.server.tensor;

import java.util.Arrays;
import java.util.Map;
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

  /**
   * The type of a tensor's field.
   *
   * @throws InvalidInput when the model has no such input
   */
  public FieldType type(String name) {
    Integer position = positions.get(name);
    if (position == null) {
      throw new InvalidInput(
          name, "the field '" + Truncated.of(name) + "' is not an input of the model");
    }
    return contract.inputs().get(position).type();
  }

  /**
   * A tensor's datatype.
   *
   * @throws InvalidInput when there is no such datatype, or the field does not take it
   */
  public Datatype datatype(String name, String datatypeName) {
    FieldType type = type(name);
    Datatype datatype = Datatype.of(datatypeName, name);
    if (!datatype.fits(type)) {
      throw new InvalidInput(
          name,
          "the input '%s' is of type %s, so its datatype is one of %s, not %s"
              .formatted(name, type.text(), Datatype.accepted(type), datatype));
    }
    return datatype;
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
