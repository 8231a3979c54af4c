import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.Arrays;
import java.util.Random;
import org.pillion.scoring.spark.blas.Blas;

/**
 * Calls the BLAS that Spark would have in this JVM, again and again until the JIT has compiled it,
 * and compares each result with the order of operations that the engine has for a width.
 *
 * <p>Argument: rounds; the property {@code lanes} gives the engine another width. Prints the
 * implementation's name and the lanes, then a line per operation: the results, those that are the
 * engine's, those that are a sum of the lanes as a tree, those that are neither, and the cases whose
 * result changed from one round to another.
 */
final class DenseVectors {
  private static final int CASES = 500;

  private final JavaBLAS spark = JavaBLAS.getInstance();
  private final Random random = new Random(20_240_229);
  private final Blas engine;
  private final int lanes;

  private DenseVectors(String name, int lanes) {
    this.engine = Blas.of(name, lanes);
    this.lanes = lanes;
  }

  public static void main(String[] arguments) {
    String name = JavaBLAS.getInstance().getClass().getSimpleName();
    int lanes = Integer.getInteger("lanes", name.equals("VectorBLAS") ? lanes() : 1);
    System.out.println(name + " " + lanes);
    DenseVectors experiment = new DenseVectors(name, lanes);
    int rounds = Integer.parseInt(arguments[0]);
    experiment.run("ddot", rounds, experiment::dot);
    experiment.run("dgemv-n", rounds, () -> experiment.product(false));
    experiment.run("dgemv-t", rounds, () -> experiment.product(true));
    experiment.run("dgemm", rounds, experiment::layer);
  }

  /**
   * Doubles in a vector register: of 2⁶⁰ at 0, 1 at 1 and −2⁶⁰ at n, the 1 survives only where the
   * large two meet in one lane. With one lane it never does.
   */
  private static int lanes() {
    for (int n = 2; n <= 64; n *= 2) {
      double[] x = new double[2 * n];
      double[] ones = new double[2 * n];
      Arrays.fill(ones, 1.0);
      x[0] = 0x1p60;
      x[1] = 1.0;
      x[n] = -0x1p60;
      if (JavaBLAS.getInstance().ddot(2 * n, x, 1, ones, 1) == 1.0) {
        return n;
      }
    }
    return 1;
  }

  /** An operation on given numbers: Spark's way, ours, and ours with the lanes added as a tree. */
  private record Case(Operation theirs, double[] ours, double[] tree) {}

  private interface Operation {
    double[] apply();
  }

  private interface Cases {
    Case next();
  }

  private void run(String title, int rounds, Cases source) {
    Case[] cases = new Case[CASES];
    Arrays.setAll(cases, i -> source.next());
    double[][] before = new double[CASES][];
    boolean[] changed = new boolean[CASES];
    long inOrder = 0;
    long asTree = 0;
    long neither = 0;
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < CASES; i++) {
        double[] result = cases[i].theirs.apply();
        if (same(result, cases[i].ours)) {
          inOrder++;
        } else if (same(result, cases[i].tree)) {
          asTree++;
        } else {
          neither++;
        }
        changed[i] |= round > 0 && !same(result, before[i]);
        before[i] = result;
      }
    }
    int changes = 0;
    for (boolean flag : changed) {
      changes += flag ? 1 : 0;
    }
    System.out.printf(
        "%s %d %d %d %d %d%n",
        title, (long) rounds * CASES, inOrder, asTree, neither, changes);
  }

  private static boolean same(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Double.doubleToRawLongBits(a[i]) != Double.doubleToRawLongBits(b[i])) {
        return false;
      }
    }
    return a.length == b.length;
  }

  private Case dot() {
    int n = 1 + random.nextInt(70);
    double[] x = numbers(n);
    double[] y = numbers(n);
    return new Case(
        () -> new double[] {spark.ddot(n, x, 1, y, 1)},
        new double[] {engine.dot(n, x, 0, y, 0)},
        new double[] {treeDot(n, x, 0, y, 0)});
  }

  private Case product(boolean transposed) {
    int rows = 1 + random.nextInt(40);
    int columns = 1 + random.nextInt(40);
    double[] a = numbers(rows * columns);
    double[] x = numbers(transposed ? rows : columns);
    double[] y = numbers(transposed ? columns : rows);
    double[] ours = y.clone();
    double[] tree = y.clone();
    if (transposed) {
      engine.addTransposedProduct(rows, columns, a, x, 0, ours);
      for (int column = 0; column < columns; column++) {
        tree[column] = treeDot(rows, x, 0, a, column * rows) + y[column];
      }
    } else {
      engine.addProduct(rows, columns, a, x, 0, ours);
    }
    Operation theirs =
        () -> {
          double[] out = y.clone();
          String form = transposed ? "T" : "N";
          spark.dgemv(form, rows, columns, 1.0, a, rows, x, 1, 1.0, out, 1);
          return out;
        };
    return new Case(theirs, ours, tree);
  }

  /** A perceptron's layer: a matrix of weights times a matrix of one column. */
  private Case layer() {
    int rows = 1 + random.nextInt(20);
    int columns = 1 + random.nextInt(20);
    double[] a = numbers(rows * columns);
    double[] x = numbers(columns);
    double[] ours = new double[rows];
    for (int row = 0; row < rows; row++) {
      ours[row] = engine.rowDot(columns, a, row, rows, x);
    }
    Operation theirs =
        () -> {
          double[] out = new double[rows];
          spark.dgemm("N", "N", rows, 1, columns, 1.0, a, rows, x, columns, 0.0, out, rows);
          return out;
        };
    return new Case(theirs, ours, ours);
  }

  private double treeDot(int n, double[] x, int xStart, double[] y, int yStart) {
    double[] sums = new double[lanes];
    int whole = n - n % lanes;
    for (int i = 0; i < whole; i++) {
      sums[i % lanes] = Math.fma(x[xStart + i], y[yStart + i], sums[i % lanes]);
    }
    for (int half = lanes / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        sums[lane] += sums[lane + half];
      }
    }
    double sum = sums[0];
    for (int i = whole; i < n; i++) {
      sum += x[xStart + i] * y[yStart + i];
    }
    return sum;
  }

  /** Numbers of both signs and many sizes, so that each order of a sum shows. */
  private double[] numbers(int n) {
    double[] values = new double[n];
    Arrays.setAll(values, i -> random.nextGaussian() * Math.scalb(1.0, random.nextInt(24) - 12));
    return values;
  }
}
