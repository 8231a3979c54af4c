package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.column.VectorColumn;

/** Distances from the centres of a clustering as Spark computes them. */
abstract class Distance {
  /** The gap between 1 and the next double. */
  private static final double EPSILON = Math.ulp(1.0);

  private static final double PRECISION = 1e-6;

  /** The centres as the rows of a column. */
  final VectorColumn centres;

  final Dot[] dots;
  final double[] norms;
  private final double[][] filled;

  private Distance(VectorColumn centres, Dot[] dots, double[] norms) {
    this.centres = centres;
    this.dots = dots;
    this.norms = norms;
    this.filled = new double[dots.length][centres.size()];
    for (int i = 0; i < norms.length; i++) {
      centres.copyRow(i, filled[i]);
    }
  }

  /** Distances from centres, of which each may have a norm of its own that Spark has kept. */
  static Distance of(String name, Blas blas, List<Element> elements, int size) {
    Dot[] dots = new Dot[elements.size()];
    boolean[] dense = new boolean[dots.length];
    int[] starts = new int[dots.length + 1];
    double[][] values = new double[dots.length][];
    int[][] indices = new int[dots.length][];
    for (int i = 0; i < dots.length; i++) {
      Element element = elements.get(i);
      dots[i] = Dot.ofCoefficients(blas, element);
      if (dots[i].size() != size) {
        throw new InvalidModel("the plan's centres have different sizes");
      }
      values[i] = element.doubles("values");
      dense[i] = !element.hasChild("indices");
      indices[i] = dense[i] ? new int[size] : element.ints("indices");
      starts[i + 1] = starts[i] + values[i].length;
    }
    VectorColumn centres =
        new VectorColumn(
            size,
            dense,
            starts,
            Arrays.stream(indices).flatMapToInt(Arrays::stream).toArray(),
            Arrays.stream(values).flatMapToDouble(Arrays::stream).toArray(),
            null);
    double[] norms = new double[dots.length];
    for (int i = 0; i < norms.length; i++) {
      Element element = elements.get(i);
      norms[i] = element.has("norm") ? element.number("norm") : norm(centres, i);
    }
    return switch (name) {
      case "euclidean" -> new Euclidean(centres, dots, norms);
      case "cosine" -> new Cosine(centres, dots, norms);
      default -> throw new InvalidModel("the plan has an unknown distance: '" + name + "'");
    };
  }

  /** The square root of the sum of squares of the stored elements. */
  static double norm(VectorColumn vectors, int row) {
    double sum = 0.0;
    for (int k = vectors.starts()[row]; k < vectors.starts()[row + 1]; k++) {
      double value = vectors.values()[k];
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  int centres() {
    return dots.length;
  }

  /** Whether a vector of a norm has distances. */
  abstract boolean takes(double norm);

  /** A lower bound of the distance, from the norms alone. */
  abstract double least(int centre, double norm);

  /** The distance of a centre from a row's vector, or what Spark compares in its place. */
  abstract double to(int centre, VectorColumn vectors, int row, double norm);

  /** The distance below which a centre is nearer than another one. */
  abstract double bound(int centre, int other);

  private static final class Euclidean extends Distance {
    private Euclidean(VectorColumn centres, Dot[] dots, double[] norms) {
      super(centres, dots, norms);
    }

    @Override
    boolean takes(double norm) {
      return norm >= 0.0;
    }

    @Override
    double least(int centre, double norm) {
      double difference = norms[centre] - norm;
      return difference * difference;
    }

    @Override
    double bound(int centre, int other) {
      double d = Math.sqrt(to(centre, centres, other, norms[other]));
      return 0.25 * d * d;
    }

    /**
     * The square; by norms and the dot product where a vector is sparse and that is exact enough.
     */
    @Override
    double to(int centre, VectorColumn vectors, int row, double norm) {
      if (centres.dense()[centre] && vectors.dense()[row]) {
        return square(centre, vectors, row);
      }
      double squares = norms[centre] * norms[centre] + norm * norm;
      double difference = norms[centre] - norm;
      double first = 2.0 * EPSILON * squares / (difference * difference + EPSILON);
      if (first < PRECISION) {
        return squares - 2.0 * dots[centre].product(vectors, row);
      }
      double dot = dots[centre].product(vectors, row);
      double squared = Math.max(squares - 2.0 * dot, 0.0);
      double second = EPSILON * (squares + 2.0 * Math.abs(dot)) / (squared + EPSILON);
      return second > PRECISION ? square(centre, vectors, row) : squared;
    }
  }

  private static final class Cosine extends Distance {
    private Cosine(VectorColumn centres, Dot[] dots, double[] norms) {
      super(centres, dots, norms);
    }

    @Override
    boolean takes(double norm) {
      return norm > 0.0;
    }

    @Override
    double least(int centre, double norm) {
      return Double.NEGATIVE_INFINITY;
    }

    @Override
    double bound(int centre, int other) {
      return 1.0 - Math.sqrt(1.0 - to(centre, centres, other, norms[other]) / 2.0);
    }

    @Override
    double to(int centre, VectorColumn vectors, int row, double norm) {
      return 1.0 - dots[centre].product(vectors, row) / norms[centre] / norm;
    }
  }

  /** The sum of the squares of all differences, from the first element to the last. */
  final double square(int centre, VectorColumn vectors, int row) {
    double[] other = filled[centre];
    int start = vectors.starts()[row];
    int end = vectors.starts()[row + 1];
    double sum = 0.0;
    if (vectors.dense()[row]) {
      for (int k = 0; k < other.length; k++) {
        double difference = other[k] - vectors.values()[start + k];
        sum += difference * difference;
      }
      return sum;
    }
    int k = start;
    for (int i = 0; i < other.length; i++) {
      double value = k < end && vectors.indices()[k] == i ? vectors.values()[k++] : 0.0;
      double difference = other[i] - value;
      sum += difference * difference;
    }
    return sum;
  }
}
