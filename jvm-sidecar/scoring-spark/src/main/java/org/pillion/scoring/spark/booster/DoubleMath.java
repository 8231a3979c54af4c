package org.pillion.scoring.spark.booster;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The C library's {@code exp} of doubles, as glibc has had it since 2.28 on processors with fused
 * multiplication, which LightGBM calls. It is not correctly rounded: for one number of 100 the
 * nearest one to the true value is another.
 */
public final class DoubleMath {
  private static final int BITS = 7;
  private static final int STEPS = 1 << BITS;

  /** Digits of the powers of which heads and tails are made. */
  private static final MathContext DIGITS = new MathContext(60);

  /** The powers 2^(i/128), rounded. */
  private static final double[] HEADS = new double[STEPS];

  /** What is left of those powers, as a share of the rounded ones. */
  private static final double[] TAILS = new double[STEPS];

  private static final double PER_STEP = 0x1.71547652b82fep0 * STEPS;
  private static final double ROUNDING = 0x1.8p52;
  private static final double STEP_HIGH = -0x1.62e42fefa0000p-8;
  private static final double STEP_LOW = -0x1.cf79abc9e3b39p-47;
  private static final double SQUARE = 0x1.ffffffffffdbdp-2;
  private static final double CUBIC = 0x1.555555555543cp-3;
  private static final double FOURTH = 0x1.55555cf172b91p-5;
  private static final double FIFTH = 0x1.1111167a4d017p-7;

  /** Below it, 1 + x is the exponential. */
  private static final double TINY = 0x1.0p-54;

  /** From it on, the power of two may be no double. */
  private static final double LARGE = 512.0;

  private static final double HUGE = 1024.0;

  static {
    BigDecimal root = BigDecimal.valueOf(2);
    for (int i = 0; i < BITS; i++) {
      root = root.sqrt(DIGITS);
    }
    BigDecimal power = BigDecimal.ONE;
    for (int i = 0; i < STEPS; i++) {
      HEADS[i] = power.doubleValue();
      BigDecimal head = new BigDecimal(HEADS[i]);
      TAILS[i] = power.subtract(head).divide(head, DIGITS).doubleValue();
      power = power.multiply(root, DIGITS);
    }
  }

  private DoubleMath() {}

  /** The exponential of a number. */
  public static double exp(double x) {
    double size = Math.abs(x);
    if (size < TINY || Double.isNaN(x)) {
      return 1.0 + x;
    }
    if (size >= HUGE) {
      return x > 0 ? Double.POSITIVE_INFINITY : 0.0;
    }
    double steps = Math.fma(PER_STEP, x, ROUNDING) - ROUNDING;
    int whole = (int) steps;
    int place = whole & STEPS - 1;
    double rest = Math.fma(steps, STEP_LOW, Math.fma(steps, STEP_HIGH, x));
    double square = rest * rest;
    double low = Math.fma(square, Math.fma(rest, CUBIC, SQUARE), TAILS[place] + rest);
    double share = Math.fma(square * square, Math.fma(rest, FIFTH, FOURTH), low);
    int exponent = whole >> BITS;
    if (size < LARGE) {
      double power = Math.scalb(HEADS[place], exponent);
      return Math.fma(power, share, power);
    }
    return x > 0
        ? 0x1.0p1009 * large(Math.scalb(HEADS[place], exponent - 1009), share)
        : 0x1.0p-1022 * small(Math.scalb(HEADS[place], exponent + 1022), share);
  }

  private static double large(double power, double share) {
    return Math.fma(power, share, power);
  }

  /**
   * Rounds once where the result has fewer digits than a double. The product is needed twice, so
   * that compilers don't fuse it with the sum.
   */
  private static double small(double power, double share) {
    double product = power * share;
    double y = power + product;
    if (y >= 1.0) {
      return y;
    }
    double low = power - y + product;
    double high = 1.0 + y;
    return high + (1.0 - high + y + low) - 1.0;
  }
}
