package org.pillion.server.inference;

import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.text.Truncated;

/**
 * A first phase that a request asks for: of a list's size, the items whose vectors have the largest
 * dot products with the user's.
 *
 * <p>An element of a vector is an input of the model: those of {@code user_factor} are {@code
 * user_factor_0}, {@code user_factor_1} and so on.
 *
 * @param user the user's vector
 * @param item the items' vectors
 */
public record FirstPhase(String user, String item) {
  /**
   * The first phase of two names.
   *
   * @return null where neither is given
   * @throws InvalidInput when only one is
   */
  public static FirstPhase of(String user, String item) {
    if (user == null && item == null) {
      return null;
    }
    if (user == null || item == null) {
      throw new InvalidInput(
          "the request has '%s' without '%s'"
              .formatted(
                  user == null ? "item_vector" : "user_vector",
                  user == null ? "user_vector" : "item_vector"));
    }
    return new FirstPhase(user, item);
  }

  /**
   * The inputs of a vector's elements, as positions in the contract.
   *
   * @throws InvalidInput when the model has no first element of it
   */
  static int[] elements(FeatureContract contract, String vector) {
    int[] found = contract.elements(vector);
    if (found.length == 0) {
      String shown = Truncated.of(vector);
      throw new InvalidInput(
          "the model has no input '%s_0', the first element of the vector '%s'"
              .formatted(shown, shown));
    }
    return found;
  }
}
