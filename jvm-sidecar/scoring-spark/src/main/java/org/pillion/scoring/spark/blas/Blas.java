package org.pillion.scoring.spark.blas;

import org.pillion.scoring.UnsupportedElement;

/** Products of dense vectors and matrices, bit for bit those of one of netlib's implementations. */
public interface Blas {
  /**
   * The sum of the products of two vectors' elements.
   *
   * @param n number of elements
   * @param xStart index of the first element in {@code x}
   * @param yStart index of the first element in {@code y}
   */
  double dot(int n, double[] x, int xStart, double[] y, int yStart);

  /**
   * Several dot products with the same vector.
   *
   * @param n number of elements
   * @param x the other vectors, end to end
   * @param count how many they are
   * @param y length: at least n
   * @param out takes the products, from {@code start} on
   */
  default void dots(int n, double[] x, int count, double[] y, double[] out, int start) {
    for (int i = 0; i < count; i++) {
      out[start + i] = dot(n, x, i * n, y, 0);
    }
  }

  /**
   * Adds a matrix times a vector: {@code y += A x}.
   *
   * @param rows rows of A
   * @param columns columns of A
   * @param a the matrix, column by column
   * @param xStart index of the first element in {@code x}
   * @param y length: at least rows
   */
  void addProduct(int rows, int columns, double[] a, double[] x, int xStart, double[] y);

  /**
   * Adds a transposed matrix times a vector: {@code y += Aᵀ x}.
   *
   * @param rows rows of A, length of {@code x}
   * @param columns columns of A, length of {@code y}
   * @param a the matrix, column by column
   * @param xStart index of the first element in {@code x}
   */
  default void addTransposedProduct(
      int rows, int columns, double[] a, double[] x, int xStart, double[] y) {
    for (int column = 0; column < columns; column++) {
      y[column] = columnDot(rows, x, xStart, a, column * rows) + y[column];
    }
  }

  /** The dot product as {@link #addTransposedProduct} takes it, which may have another order. */
  double columnDot(int n, double[] x, int xStart, double[] column, int start);

  /**
   * A row of a matrix times a vector, as the product of two small matrices takes it: element by
   * element, fused.
   *
   * @param n number of elements
   * @param a the matrix, column by column
   * @param start index of the row's first element in {@code a}
   * @param stride distance of its elements
   * @param x length: at least n
   */
  default double rowDot(int n, double[] a, int start, int stride, double[] x) {
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
      sum = Math.fma(a[start + i * stride], x[i], sum);
    }
    return sum;
  }

  /**
   * The implementation of a name and a width.
   *
   * @param name netlib's class: {@code VectorBLAS}, {@code Java11BLAS} or {@code Java8BLAS}
   * @param lanes doubles in a vector register; only {@code VectorBLAS} has more than one
   * @throws UnsupportedElement when there is none
   */
  static Blas of(String name, int lanes) {
    return switch (name) {
      case "VectorBLAS" -> {
        if (lanes < 1 || lanes > 64 || Integer.bitCount(lanes) != 1) {
          throw new UnsupportedElement("lanes", "there are no vectors of " + lanes + " lanes");
        }
        yield lanes == 2 ? new TwoLaneBlas() : new LaneBlas(lanes);
      }
      case "Java11BLAS" -> new FusedBlas();
      case "Java8BLAS" -> new PlainBlas();
      default -> throw new UnsupportedElement("blas", "the BLAS '" + name + "' is not reproduced");
    };
  }
}
