import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What all programs in Java share: reads plan and rows, prepares a row's features, and answers a
 * command a line on standard input.
 *
 * <pre>
 *   check N FILE   scores N rows and writes the outputs; answers 1 where a * b + c is contracted, else 0
 *   time N CALLS   scores N rows that often; answers the nanoseconds of all calls
 * </pre>
 */
abstract class Harness {
  static final int OTHERWISE = 0, ADD = 1, MULTIPLY = 2, BUCKET = 3, IS = 4, SCALE = 5, CONSTANT = 6;
  static final int NUMBER = 0, LOGISTIC = 1, SOFTMAX = 2, BOOSTED_LOGISTIC = 3, VOTES = 4, MEAN = 5;

  int fields;
  int rule;
  int outputs;
  int features;
  boolean fused;
  double[] feature;

  private double sparseBelow;
  private int[] steps;
  private int[] featureNumbers;
  private double[] constants;
  private double[] numbers;

  /** Reads the model. */
  abstract void readModel(ByteBuffer plan);

  /** Scores the row in {@link #feature}. */
  abstract void score(double[] out, int start);

  static double[] readArray(ByteBuffer file) {
    double[] values = new double[Math.toIntExact(file.getLong())];
    file.asDoubleBuffer().get(values);
    file.position(file.position() + 8 * values.length);
    return values;
  }

  static int[] readInts(ByteBuffer file) {
    double[] values = readArray(file);
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }

  private static ByteBuffer open(String path) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(Path.of(path))).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void readPlan(String path) throws IOException {
    ByteBuffer file = open(path);
    double[] about = readArray(file);
    fields = (int) about[0];
    sparseBelow = about[1];
    rule = (int) about[2];
    outputs = (int) about[3];
    fused = about[4] != 0;
    steps = readInts(file);
    constants = readArray(file);
    featureNumbers = readInts(file);
    features = featureNumbers.length;
    numbers = new double[fields + steps.length / 5];
    feature = new double[features];
    readModel(file);
  }

  private double bucket(double value, int first, int count) {
    if (value != value) {
      return count - 1;
    }
    int found = 0;
    while (found < count - 2 && value >= constants[first + found + 1]) {
      found++;
    }
    return found;
  }

  /** Makes the features of a row. */
  private void prepare(double[] rows, int row) {
    System.arraycopy(rows, row, numbers, 0, fields);
    for (int i = 0, made = fields; i < steps.length; i += 5, made++) {
      double a = numbers[steps[i + 1]];
      int c = steps[i + 3];
      switch (steps[i]) {
        case OTHERWISE -> numbers[made] = a != a ? constants[c] : a;
        case ADD -> numbers[made] = a + numbers[steps[i + 2]];
        case MULTIPLY -> numbers[made] = a * numbers[steps[i + 2]];
        case BUCKET -> numbers[made] = bucket(a, c, steps[i + 4]);
        case IS -> numbers[made] = a == constants[c] ? 1 : 0;
        case SCALE -> numbers[made] = (a - constants[c]) * constants[c + 1];
        default -> numbers[made] = constants[c];
      }
    }
    for (int i = 0; i < features; i++) {
      feature[i] = numbers[featureNumbers[i]];
    }
  }

  /** A sum of products in Spark's order: two fused lanes where both vectors are dense. */
  static double dot(double[] x, double[] y, int start, int n, boolean inLanes) {
    double even = 0;
    double odd = 0;
    int i = 0;
    for (; inLanes && i < n - 1; i += 2) {
      even = Math.fma(x[i], y[start + i], even);
      odd = Math.fma(x[i + 1], y[start + i + 1], odd);
    }
    double sum = even + odd;
    for (; i < n; i++) {
      sum += x[i] * y[start + i];
    }
    return sum;
  }

  /** Whether a row's vector is one that Spark keeps dense. */
  boolean isDense() {
    int stored = 0;
    for (double value : feature) {
      stored += value != 0 ? 1 : 0;
    }
    return stored >= sparseBelow;
  }

  static void logistic(double margin, double[] out, int start) {
    out[start] = 1 / (1 + Math.exp(margin));
    out[start + 1] = 1 - out[start];
  }

  private void scoreAll(double[] rows, int count, double[] out) {
    for (int i = 0; i < count; i++) {
      prepare(rows, i * fields);
      score(out, i * outputs);
    }
  }

  private static int contracts(double a, double b, double c) {
    return a * b - c != 0 ? 1 : 0;
  }

  void run(String[] arguments) throws IOException {
    readPlan(arguments[0]);
    double[] known = readArray(open(arguments[1]));
    double[] rows = {};
    double[] out = {};
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ", 3);
      int n = Integer.parseInt(words[1]);
      if (rows.length != n * fields) {
        rows = new double[Math.multiplyExact(n, fields)];
        out = new double[Math.multiplyExact(n, outputs)];
        for (int i = 0; i < rows.length; i += known.length) {
          System.arraycopy(known, 0, rows, i, Math.min(known.length, rows.length - i));
        }
      }
      if (words[0].equals("check")) {
        scoreAll(rows, n, out);
        ByteBuffer bytes = ByteBuffer.allocate(8 * out.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(out);
        Files.write(Path.of(words[2]), bytes.array());
        double a = 1 + 0x1p-30;
        System.out.println(contracts(a, a, a * a));
        continue;
      }
      long from = System.nanoTime();
      for (int calls = Integer.parseInt(words[2]); calls > 0; calls--) {
        scoreAll(rows, n, out);
      }
      System.out.println(System.nanoTime() - from);
    }
  }
}
