package org.pillion.scoring.spark.blas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.pillion.scoring.UnsupportedElement;

/** The orders of operations, told by numbers that only one order gives. */
final class BlasTest {
  private static final double BIG = 0x1p60;

  /** A dot product with ones is a sum; what survives tells which elements were added first. */
  private static double sum(Blas blas, double... x) {
    double[] ones = new double[x.length];
    Arrays.fill(ones, 1.0);
    return blas.dot(x.length, x, 0, ones, 0);
  }

  @Example
  void dot_eachLane_hasASumOfItsOwn() {
    // The large numbers cancel before the one is added only where they meet in a lane.
    assertEquals(1.0, sum(Blas.of("VectorBLAS", 2), BIG, 1, -BIG, 0));
    assertEquals(0.0, sum(Blas.of("VectorBLAS", 4), BIG, 1, -BIG, 0));
    assertEquals(1.0, sum(Blas.of("VectorBLAS", 4), BIG, 1, 0, 0, -BIG, 0, 0, 0));
    assertEquals(0.0, sum(Blas.of("VectorBLAS", 8), BIG, 1, 0, 0, -BIG, 0, 0, 0));
    assertEquals(0.0, sum(Blas.of("VectorBLAS", 1), BIG, 1, -BIG, 0));
    assertEquals(1.0, sum(Blas.of("Java11BLAS", 1), BIG, 1, 0, 0, -BIG, 0, 0, 0));
    assertEquals(1.0, sum(Blas.of("Java8BLAS", 1), BIG, 1, 0, 0, -BIG, 0, 0, 0));
  }

  @Example
  void dot_lanes_areAddedFromTheFirstOn() {
    // As a tree, 0 + 2 and 1 + 3, the large ones would cancel without swallowing the ones.
    assertEquals(1.0, sum(Blas.of("VectorBLAS", 4), BIG, 1, -BIG, 1));
    assertEquals(1.0, sum(Blas.of("VectorBLAS", 8), BIG, 1, 0, 0, -BIG, 1, 0, 0));
  }

  @Example
  void dot_tail_isNotFused() {
    double x = 1 + 0x1p-30;
    double rest = -(x * x);
    // Fused, the product keeps the bits that rounding drops, and the sum is not zero.
    assertEquals(
        0.0, Blas.of("VectorBLAS", 4).dot(2, new double[] {rest, x}, 0, new double[] {1, x}, 0));
    assertEquals(
        0.0, Blas.of("Java8BLAS", 1).dot(2, new double[] {rest, x}, 0, new double[] {1, x}, 0));
    assertEquals(
        Math.fma(x, x, rest),
        Blas.of("Java11BLAS", 1).dot(2, new double[] {rest, x}, 0, new double[] {1, x}, 0));
  }

  @Property(tries = 200)
  void dots_areTheDotsOfEach(
      @ForAll @IntRange(max = 21) int n, @ForAll @IntRange(max = 11) int count, @ForAll long seed) {
    double[] x = new Random(seed).doubles((long) n * count, -2, 2).toArray();
    double[] y = new Random(~seed).doubles(n, -2, 2).toArray();
    for (String name : new String[] {"VectorBLAS", "Java11BLAS", "Java8BLAS"}) {
      Blas blas = Blas.of(name, name.equals("VectorBLAS") ? 2 : 1);
      double[] out = new double[count + 1];
      blas.dots(n, x, count, y, out, 1);
      for (int i = 0; i < count; i++) {
        assertEquals(blas.dot(n, x, i * n, y, 0), out[i + 1], name);
      }
    }
  }

  @Property(tries = 300)
  void dot_shorterThanTheLanes_isAPlainLoop(@ForAll @IntRange(max = 7) int n, @ForAll long seed) {
    double[] x = numbers(n, seed);
    double[] y = numbers(n, seed + 1);
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
      sum += x[i] * y[i];
    }
    assertEquals(sum, Blas.of("VectorBLAS", 8).dot(n, x, 0, y, 0));
  }

  @Property(tries = 300)
  void dot_twoLanes_areTheGeneralOrderWithTwo(
      @ForAll @IntRange(max = 70) int n, @ForAll long seed) {
    double[] x = numbers(n + 3, seed);
    double[] y = numbers(n + 5, seed + 1);
    assertEquals(new LaneBlas(2).dot(n, x, 3, y, 5), new TwoLaneBlas().dot(n, x, 3, y, 5));
  }

  @Property(tries = 300)
  void products_ofAnyShape_areNearTheExactOnes(
      @ForAll @IntRange(min = 1, max = 20) int rows,
      @ForAll @IntRange(min = 1, max = 20) int columns,
      @ForAll long seed) {
    double[] a = numbers(rows * columns, seed);
    double[] x = numbers(columns, seed + 1);
    double[] transposed = new double[a.length];
    double[] expected = new double[rows];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[row * columns + column] = a[column * rows + row];
        expected[row] += a[column * rows + row] * x[column];
      }
    }
    for (Blas blas :
        new Blas[] {
          Blas.of("VectorBLAS", 1),
          Blas.of("VectorBLAS", 2),
          Blas.of("VectorBLAS", 4),
          Blas.of("VectorBLAS", 8),
          Blas.of("Java11BLAS", 1),
          Blas.of("Java8BLAS", 1)
        }) {
      double[] y = new double[rows];
      blas.addProduct(rows, columns, a, x, 0, y);
      assertArrayEquals(expected, y, 1e-6);
      double[] z = new double[rows];
      blas.addTransposedProduct(columns, rows, transposed, x, 0, z);
      assertArrayEquals(expected, z, 1e-6);
      for (int row = 0; row < rows; row++) {
        assertEquals(expected[row], blas.rowDot(columns, a, row, rows, x), 1e-6);
      }
    }
  }

  @Example
  void of_whatIsNotReproduced_isRefused() {
    for (int lanes : new int[] {0, -2, 3, 128}) {
      assertThrows(UnsupportedElement.class, () -> Blas.of("VectorBLAS", lanes));
    }
    assertThrows(UnsupportedElement.class, () -> Blas.of("JNIBLAS", 1));
  }

  private static double[] numbers(int n, long seed) {
    Random random = new Random(seed);
    double[] values = new double[n];
    Arrays.setAll(values, i -> random.nextGaussian() * Math.scalb(1.0, random.nextInt(16) - 8));
    return values;
  }
}
