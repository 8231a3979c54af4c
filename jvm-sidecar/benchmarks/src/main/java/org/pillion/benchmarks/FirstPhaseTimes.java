package org.pillion.benchmarks;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.pillion.scoring.DotProducts;
import org.pillion.scoring.Shortlist;
import org.pillion.scoring.TieOrder;

/** Milliseconds, by the clock, to pick items of a large catalogue by dot products. */
public final class FirstPhaseTimes {
  private FirstPhaseTimes() {}

  /**
   * Takes items, factors, how many are picked, turns and threads; prints the best and the median.
   */
  public static void main(String[] arguments) {
    int items = Integer.parseInt(arguments[0]);
    int size = Integer.parseInt(arguments[1]);
    int k = Integer.parseInt(arguments[2]);
    double[] times = new double[Integer.parseInt(arguments[3])];
    int threads = Integer.parseInt(arguments[4]);
    Random random = new Random(3);
    float[][] elements = new float[size][items];
    for (float[] element : elements) {
      for (int row = 0; row < items; row++) {
        element[row] = (float) random.nextGaussian();
      }
    }
    DotProducts products = DotProducts.of(elements);
    ExecutorService helpers = Executors.newFixedThreadPool(threads);
    for (int turn = 0; turn < times.length; turn++) {
      float[] user = new float[size];
      for (int i = 0; i < size; i++) {
        user[i] = (float) random.nextGaussian();
      }
      long start = System.nanoTime();
      Shortlist picked =
          products.pick(user, k, row -> false, TieOrder.POSITION, threads, helpers, () -> false);
      times[turn] = (System.nanoTime() - start) / 1e6;
      if (picked.rows().length != k || picked.seen() != items) {
        throw new IllegalStateException("not all items were seen");
      }
    }
    helpers.shutdown();
    Arrays.sort(times);
    System.out.println(times[0] + "\t" + times[times.length / 2]);
  }
}
