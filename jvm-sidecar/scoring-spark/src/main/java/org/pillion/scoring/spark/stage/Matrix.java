package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.column.VectorColumn;

/** A dense or sparse matrix of coefficients, to be multiplied with the vectors of rows. */
final class Matrix {
  private final Blas blas;
  private final int rows;
  private final int columns;
  private final boolean transposed;

  /** The stored elements: column by column, or row by row where transposed. */
  private final double[] values;

  /** Where each column (or row, where transposed) begins; null for a dense matrix. */
  private final int[] starts;

  /** The row (or column) of each stored element; null for a dense matrix. */
  private final int[] positions;

  /** For a dense matrix, the elements column by column whatever the storage. */
  private final double[] byColumn;

  private Matrix(
      Blas blas,
      int rows,
      int columns,
      boolean transposed,
      double[] values,
      int[] starts,
      int[] positions) {
    this.blas = blas;
    this.rows = rows;
    this.columns = columns;
    this.transposed = transposed;
    this.values = values;
    this.starts = starts;
    this.positions = positions;
    this.byColumn = starts == null ? byColumn() : null;
  }

  /** Reads an element {@code matrix}. */
  static Matrix of(Blas blas, Element element) {
    int rows = element.count("rows");
    int columns = element.count("columns");
    boolean transposed = element.flag("transposed");
    double[] values = element.doubles("values");
    if (!element.hasChild("starts")) {
      if (values.length != Math.multiplyExact(rows, columns)) {
        throw bad(rows, columns);
      }
      return new Matrix(blas, rows, columns, transposed, values, null, null);
    }
    int[] starts = element.ints("starts");
    int[] positions = element.ints("positions");
    int major = transposed ? rows : columns;
    int minor = transposed ? columns : rows;
    boolean whole =
        starts.length == major + 1
            && starts[0] == 0
            && starts[major] == values.length
            && positions.length == values.length;
    if (!whole) {
      throw bad(rows, columns);
    }
    for (int i = 0; i < major; i++) {
      if (starts[i + 1] < starts[i]) {
        throw bad(rows, columns);
      }
      Dot.requireAscending(Arrays.copyOfRange(positions, starts[i], starts[i + 1]), minor);
    }
    return new Matrix(blas, rows, columns, transposed, values, starts, positions);
  }

  private static InvalidModel bad(int rows, int columns) {
    return new InvalidModel(
        "the plan's matrix of %d rows and %d columns has other elements".formatted(rows, columns));
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  private double[] byColumn() {
    if (!transposed) {
      return values;
    }
    double[] out = new double[values.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        out[column * rows + row] = values[row * columns + column];
      }
    }
    return out;
  }

  /** The matrix of a function of each stored element. */
  Matrix map(DoubleUnaryOperator function) {
    double[] mapped = Arrays.stream(values).map(function).toArray();
    return new Matrix(blas, rows, columns, transposed, mapped, starts, positions);
  }

  /** All elements, row by row. */
  double[] byRow() {
    double[] out = new double[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int at = indexOf(row, column);
        out[row * columns + column] = at < 0 ? 0.0 : values[at];
      }
    }
    return out;
  }

  /**
   * Writes {@code y + A x} for the vectors of several rows.
   *
   * @param of positions of the rows, the first {@code count} of them; none is null
   * @param y length: {@link #rows()}
   * @param out takes as many numbers a row, each row's at its position
   */
  void affine(VectorColumn vectors, int[] of, int count, double[] y, double[] out) {
    double[] sum = new double[rows];
    double[] room = new double[rows];
    for (int i = 0; i < count; i++) {
      System.arraycopy(y, 0, sum, 0, rows);
      addProduct(vectors, of[i], sum, room);
      System.arraycopy(sum, 0, out, of[i] * rows, rows);
    }
  }

  /**
   * Adds the product with the vector of a row: {@code y += A x}.
   *
   * @param sums room for intermediate sums, length: {@link #rows()}
   */
  void addProduct(VectorColumn vectors, int row, double[] y, double[] sums) {
    boolean dense = vectors.dense()[row];
    int start = vectors.starts()[row];
    int end = vectors.starts()[row + 1];
    if (starts == null) {
      if (!dense) {
        denseTimesSparse(vectors, start, end, y, sums);
      } else if (transposed) {
        blas.addTransposedProduct(columns, rows, values, vectors.values(), start, y);
      } else {
        blas.addProduct(rows, columns, values, vectors.values(), start, y);
      }
    } else if (transposed) {
      sparseRows(vectors, dense, start, end, y);
    } else {
      sparseColumns(vectors, dense, start, end, y);
    }
  }

  /**
   * Writes each stored element's product with its coefficient in a row of the matrix.
   *
   * @param terms of length {@link #columns()}; indices without a product are left as they are
   */
  void terms(VectorColumn vectors, int row, int matrixRow, double[] terms) {
    for (int k = vectors.starts()[row]; k < vectors.starts()[row + 1]; k++) {
      int element = VectorStage.index(vectors, row, k);
      int at = indexOf(matrixRow, element);
      if (at >= 0) {
        terms[element] = vectors.values()[k] * values[at];
      }
    }
  }

  /** Where an element is stored; negative where it is not. */
  private int indexOf(int row, int column) {
    if (starts == null) {
      return transposed ? row * columns + column : column * rows + row;
    }
    int major = transposed ? row : column;
    return Arrays.binarySearch(
        positions, starts[major], starts[major + 1], transposed ? column : row);
  }

  /** Each row's sum in the vector's order; the rows side by side, which changes none of them. */
  private void denseTimesSparse(
      VectorColumn vectors, int start, int end, double[] y, double[] sums) {
    Arrays.fill(sums, 0, rows, 0.0);
    double[] a = byColumn;
    for (int k = start; k < end; k++) {
      double x = vectors.values()[k];
      int at = vectors.indices()[k] * rows;
      for (int i = 0; i < rows; i++) {
        sums[i] += x * a[at + i];
      }
    }
    for (int i = 0; i < rows; i++) {
      y[i] = sums[i] + y[i];
    }
  }

  private void sparseRows(VectorColumn vectors, boolean dense, int start, int end, double[] y) {
    for (int i = 0; i < rows; i++) {
      double sum = 0.0;
      int k = start;
      for (int at = starts[i]; at < starts[i + 1]; at++) {
        if (dense) {
          sum += values[at] * vectors.values()[start + positions[at]];
          continue;
        }
        while (k < end && vectors.indices()[k] < positions[at]) {
          k++;
        }
        if (k < end && vectors.indices()[k] == positions[at]) {
          sum += values[at] * vectors.values()[k++];
        }
      }
      y[i] = sum + y[i];
    }
  }

  private void sparseColumns(VectorColumn vectors, boolean dense, int start, int end, double[] y) {
    for (int k = start; k < end; k++) {
      int column = dense ? k - start : vectors.indices()[k];
      double x = vectors.values()[k];
      for (int at = starts[column]; at < starts[column + 1]; at++) {
        y[positions[at]] += values[at] * x;
      }
    }
  }
}
