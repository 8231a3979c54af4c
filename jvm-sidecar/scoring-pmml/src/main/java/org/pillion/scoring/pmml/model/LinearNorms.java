package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.pmml.Element;

/** {@code NormContinuous} backwards: from a normalized number to the original one. */
record LinearNorms(double[] originals, double[] norms) {
  static LinearNorms compile(Element element) {
    // They say what normalizing does, and nothing of the way back.
    element.ignore("outliers", "mapMissingTo");
    List<Element> children = element.children("LinearNorm");
    if (children.size() < 2) {
      throw element.invalid("has less than two LinearNorm");
    }
    double[] originals = new double[children.size()];
    double[] norms = new double[originals.length];
    for (int i = 0; i < norms.length; i++) {
      originals[i] = children.get(i).finite("orig");
      norms[i] = children.get(i).finite("norm");
    }
    return new LinearNorms(originals, norms);
  }

  /**
   * The original number.
   *
   * @throws ArithmeticException when it lies outside of the norms, where the interpreter gives up
   */
  double denormalize(double value) {
    int start = find(value);
    if (start < 0 || start == norms.length - 1) {
      throw new ArithmeticException("a neuron's value lies outside of the norms of its target");
    }
    return (value - norms[start])
            / (norms[start + 1] - norms[start])
            * (originals[start + 1] - originals[start])
        + originals[start];
  }

  /** As the interpreter searches, which takes the norms for ascending ones. */
  private int find(double value) {
    int low = 0;
    int high = norms.length - 1;
    while (low <= high) {
      int middle = low + (high - low) / 2;
      if (Double.compare(value, norms[middle]) < 0) {
        high = middle - 1;
      } else if (middle == norms.length - 1 || Double.compare(value, norms[middle + 1]) <= 0) {
        return middle;
      } else {
        low = middle + 1;
      }
    }
    return -1;
  }
}
