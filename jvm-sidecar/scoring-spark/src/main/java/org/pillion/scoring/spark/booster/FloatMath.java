package org.pillion.scoring.spark.booster;

/**
 * Functions of floats with the bits that XGBoost's own libraries give: the C library's {@code expf}
 * as glibc has had it since 2.28, and NumPy's exponential and sum of arrays.
 *
 * <p>Neither exponential is correctly rounded: for one float of 3,000 the nearest one to the true
 * value is another.
 */
public final class FloatMath {
  private static final int BITS = 5;
  private static final int STEPS = 1 << BITS;

  /** The powers 2^(i/32), correctly rounded. */
  private static final double[] POWERS = powers();

  private static final double PER_STEP = 0x1.71547652b82fep+0 * STEPS;
  private static final double CUBIC = 0x1.c6af84b912394p-5 / STEPS / STEPS / STEPS;
  private static final double SQUARE = 0x1.ebfce50fac4f3p-3 / STEPS / STEPS;
  private static final double LINEAR = 0x1.62e42ff0c52d6p-1 / STEPS;
  private static final float OVERFLOW = 0x1.62e42ep6f;
  private static final float UNDERFLOW = -0x1.9fe368p6f;

  private static final float NUMPY_OVERFLOW = 88.72283935546875f;
  private static final float NUMPY_UNDERFLOW = -103.97208404541015625f;
  private static final float LOG2_E = 1.442695040888963407f;
  private static final float ROUNDING = 0x1.8p23f;
  private static final float LN2_HIGH = -6.93145752e-1f;
  private static final float LN2_LOW = -1.42860677e-6f;
  private static final float[] NUMERATOR = {
    5.082762527590693718096e-04f,
    6.757896990527504603057e-03f,
    5.114512081637298353406e-02f,
    2.473615434895520810817e-01f,
    7.257664613233124478488e-01f,
    9.999999999980870924916e-01f
  };
  private static final float[] DENOMINATOR = {
    2.159509375685829852307e-02f, -2.742335390411667452936e-01f, 1.0f
  };

  private static final int LANES = 8;
  private static final int LONGEST_BLOCK = 128;

  private FloatMath() {}

  private static double[] powers() {
    double[] powers = new double[STEPS];
    for (int i = 0; i < STEPS; i++) {
      powers[i] = StrictMath.pow(2.0, (double) i / STEPS);
    }
    return powers;
  }

  /** The C library's {@code expf}, on processors with fused multiplication. */
  public static float exp(float x) {
    if (Float.isNaN(x)) {
      return x;
    }
    if (x > OVERFLOW) {
      return Float.POSITIVE_INFINITY;
    }
    if (x < UNDERFLOW) {
      return 0.0f;
    }
    double steps = Math.rint(PER_STEP * x);
    double rest = Math.fma(PER_STEP, x, -steps);
    int whole = (int) steps;
    double power = Math.scalb(POWERS[whole & STEPS - 1], whole >> BITS);
    double high = Math.fma(CUBIC, rest, SQUARE);
    double low = Math.fma(LINEAR, rest, 1.0);
    return (float) (Math.fma(high, rest * rest, low) * power);
  }

  /** The share of the second of two classes, 1 / (1 + e^−x), as SciPy's {@code expit}. */
  public static float expit(float x) {
    return 1.0f / (1.0f + exp(-x));
  }

  /** The same as XGBoost's objectives have it, whose exponential does not overflow. */
  public static float sigmoid(float x) {
    return 1.0f / (exp(Math.min(-x, 88.7f)) + 1.0f);
  }

  /**
   * SciPy's {@code softmax} of floats, in place.
   *
   * @param values floats, widened
   */
  public static void softmax(double[] values, int start, int n) {
    float max = (float) values[start];
    for (int i = 1; i < n; i++) {
      max = Math.max(max, (float) values[start + i]);
    }
    float[] powers = new float[n];
    for (int i = 0; i < n; i++) {
      powers[i] = numpyExp((float) values[start + i] - max);
    }
    float sum = numpySum(powers, 0, n);
    for (int i = 0; i < n; i++) {
      values[start + i] = powers[i] / sum;
    }
  }

  /**
   * XGBoost's own {@code softmax} of floats, in place, whose sum is a double.
   *
   * @param values floats, widened
   */
  public static void softmaxOfObjective(double[] values, int start, int n) {
    float max = (float) values[start];
    for (int i = 1; i < n; i++) {
      max = Math.max(max, (float) values[start + i]);
    }
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
      values[start + i] = exp((float) values[start + i] - max);
      sum += values[start + i];
    }
    for (int i = 0; i < n; i++) {
      values[start + i] = (float) values[start + i] / (float) sum;
    }
  }

  /** NumPy's exponential on processors with AVX2 or AVX-512. */
  static float numpyExp(float given) {
    if (Float.isNaN(given)) {
      return Float.NaN;
    }
    if (given >= NUMPY_OVERFLOW) {
      return Float.POSITIVE_INFINITY;
    }
    if (given <= NUMPY_UNDERFLOW) {
      return 0.0f;
    }
    float power = given * LOG2_E + ROUNDING - ROUNDING;
    float x = Math.fma(power, LN2_LOW, Math.fma(power, LN2_HIGH, given));
    return Math.scalb(polynomial(NUMERATOR, x) / polynomial(DENOMINATOR, x), (int) power);
  }

  private static float polynomial(float[] coefficients, float x) {
    float value = coefficients[0];
    for (int i = 1; i < coefficients.length; i++) {
      value = Math.fma(value, x, coefficients[i]);
    }
    return value;
  }

  /** NumPy's sum of an array that lies in one piece: pairwise, in eight lanes. */
  static float numpySum(float[] values, int start, int n) {
    if (n < LANES) {
      float sum = 0.0f;
      for (int i = 0; i < n; i++) {
        sum += values[start + i];
      }
      return sum;
    }
    if (n > LONGEST_BLOCK) {
      int half = n / 2 / LANES * LANES;
      return numpySum(values, start, half) + numpySum(values, start + half, n - half);
    }
    float[] lanes = new float[LANES];
    int even = n / LANES * LANES;
    for (int i = 0; i < even; i++) {
      lanes[i % LANES] += values[start + i];
    }
    float sum =
        lanes[0] + lanes[1] + (lanes[2] + lanes[3]) + (lanes[4] + lanes[5] + (lanes[6] + lanes[7]));
    for (int i = even; i < n; i++) {
      sum += values[start + i];
    }
    return sum;
  }
}
