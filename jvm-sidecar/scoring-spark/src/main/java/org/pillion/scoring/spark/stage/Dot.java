package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.column.VectorColumn;

/** The dot product of a row's vector with coefficients, either of which may be sparse. */
final class Dot {
  private final Blas blas;
  private final double[] coefficients;

  /** Positions of the coefficients, or null when they are dense. */
  private final int[] positions;

  private final int size;

  Dot(Blas blas, int size, double[] coefficients, int[] positions) {
    this.blas = blas;
    this.size = size;
    this.coefficients = coefficients;
    this.positions = positions;
  }

  /** Reads an element {@code coefficients} with a size, and {@code indices} where it is sparse. */
  static Dot of(Blas blas, Element model) {
    return ofCoefficients(blas, model.requireChild("coefficients"));
  }

  /** Reads one of several elements {@code coefficients}. */
  static Dot ofCoefficients(Blas blas, Element element) {
    int size = element.count("size");
    double[] values;
    int[] positions = null;
    if (element.hasChild("indices")) {
      positions = element.ints("indices");
      values = element.doubles("values");
      requireAscending(positions, size);
    } else {
      values = element.doubles("values");
    }
    if (values.length != (positions == null ? size : positions.length)) {
      throw new InvalidModel(
          "the plan's %s are %d numbers, and another size"
              .formatted(element.name(), values.length));
    }
    return new Dot(blas, size, values, positions);
  }

  static void requireAscending(int[] positions, int size) {
    int last = -1;
    for (int position : positions) {
      if (position <= last || position >= size) {
        throw new InvalidModel("the plan has a sparse vector with a bad index: " + position);
      }
      last = position;
    }
  }

  /** Length of the vectors. */
  int size() {
    return size;
  }

  /** Whether there is a coefficient at a position; where there is none, no product is added. */
  boolean has(int position) {
    return positions == null || Arrays.binarySearch(positions, position) >= 0;
  }

  /** The coefficients by position, zero where there is none. */
  double[] spread() {
    if (positions == null) {
      return coefficients.clone();
    }
    double[] all = new double[size];
    for (int i = 0; i < positions.length; i++) {
      all[positions[i]] = coefficients[i];
    }
    return all;
  }

  /** The product with the vector of a row, which is not null. */
  double product(VectorColumn vectors, int row) {
    int start = vectors.starts()[row];
    if (vectors.dense()[row]) {
      return positions == null
          ? blas.dot(size, vectors.values(), start, coefficients, 0)
          : sparseCoefficients(vectors.values(), start);
    }
    int end = vectors.starts()[row + 1];
    int[] indices = vectors.indices();
    double[] values = vectors.values();
    if (positions != null) {
      return bothSparse(indices, values, start, end);
    }
    double sum = 0.0;
    for (int k = start; k < end; k++) {
      sum += values[k] * coefficients[indices[k]];
    }
    return sum;
  }

  /**
   * Writes each stored element's product with its coefficient.
   *
   * @param terms of length {@link #size()}; indices without a product are left as they are
   */
  void terms(VectorColumn vectors, int row, double[] terms) {
    for (int k = vectors.starts()[row]; k < vectors.starts()[row + 1]; k++) {
      int element = VectorStage.index(vectors, row, k);
      int at = positions == null ? element : Arrays.binarySearch(positions, element);
      if (at >= 0) {
        terms[element] = vectors.values()[k] * coefficients[at];
      }
    }
  }

  private double sparseCoefficients(double[] values, int start) {
    double sum = 0.0;
    for (int k = 0; k < positions.length; k++) {
      sum += coefficients[k] * values[start + positions[k]];
    }
    return sum;
  }

  private double bothSparse(int[] indices, double[] values, int start, int end) {
    double sum = 0.0;
    int at = 0;
    for (int k = start; k < end && at < positions.length; k++) {
      while (at < positions.length && positions[at] < indices[k]) {
        at++;
      }
      if (at < positions.length && positions[at] == indices[k]) {
        sum += values[k] * coefficients[at++];
      }
    }
    return sum;
  }
}
