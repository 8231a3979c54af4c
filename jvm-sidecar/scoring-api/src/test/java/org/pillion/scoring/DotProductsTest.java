package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DotProductsTest {
  private static final IntPredicate NONE = row -> false;
  private static final Executor NEVER = task -> {};

  @Test
  void pick_ofAllItems_isTheHeadOfASortByPlainSums() {
    Random random = new Random(5);
    for (int size : new int[] {1, 3, 4, 9, 32}) {
      for (int items : new int[] {1, 1_023, 1_024, 5_000}) {
        float[][] elements = elements(size, items, random);
        float[] user = vector(size, random);
        TieOrder falling = (a, b) -> Integer.compare(b, a);

        Shortlist picked =
            DotProducts.of(elements).pick(user, 20, NONE, falling, 1, NEVER, () -> false);

        List<Integer> sorted = new ArrayList<>();
        float[] sums = new float[items];
        for (int row = 0; row < items; row++) {
          for (int i = 0; i < size; i++) {
            sums[row] += user[i] * elements[i][row];
          }
          sorted.add(row);
        }
        sorted.sort(
            Comparator.comparing((Integer row) -> -sums[row])
                .thenComparing(Comparator.reverseOrder()));
        assertEquals(
            sorted.subList(0, Math.min(20, items)), IntStream.of(picked.rows()).boxed().toList());
        for (int i = 0; i < picked.rows().length; i++) {
          assertEquals((double) sums[picked.rows()[i]], picked.scores()[i]);
        }
        assertEquals(items, picked.seen());
        assertEquals(1.0, picked.share());
      }
    }
  }

  @Test
  void pick_bySeveralThreads_isThatOfOne() throws Exception {
    Random random = new Random(6);
    DotProducts products = DotProducts.of(elements(8, 50_000, random));
    ExecutorService helpers = Executors.newFixedThreadPool(3);
    try {
      for (int i = 0; i < 20; i++) {
        float[] user = vector(8, random);
        IntPredicate odd = row -> row % 3 == 0;
        Shortlist one = products.pick(user, 100, odd, TieOrder.POSITION, 1, NEVER, () -> false);
        Shortlist four = products.pick(user, 100, odd, TieOrder.POSITION, 4, helpers, () -> false);
        assertArrayEquals(one.rows(), four.rows());
        assertArrayEquals(one.scores(), four.scores());
        assertEquals(one.seen(), four.seen());
      }
    } finally {
      helpers.shutdownNow();
    }
  }

  @Test
  void pick_whenTimeRunsOut_hasTheBestOfTheItemsSoFar() {
    float[][] elements = {new float[10 * DotProducts.BLOCK]};
    for (int row = 0; row < elements[0].length; row++) {
      elements[0][row] = row;
    }
    AtomicInteger asked = new AtomicInteger();

    Shortlist picked =
        DotProducts.of(elements)
            .pick(
                new float[] {1},
                2,
                NONE,
                TieOrder.POSITION,
                1,
                NEVER,
                () -> asked.incrementAndGet() > 3);

    assertEquals(3 * DotProducts.BLOCK, picked.seen());
    assertEquals(0.3, picked.share());
    assertArrayEquals(
        new int[] {3 * DotProducts.BLOCK - 1, 3 * DotProducts.BLOCK - 2}, picked.rows());
  }

  @Test
  void pick_ofItemsWithoutAVector_andOfExcludedOnes_takesOthers() {
    float[][] elements = {{1, Float.NaN, 3, 4}, {0, 1, 0, 0}};
    DotProducts products = DotProducts.of(elements);
    Shortlist picked =
        products.pick(
            new float[] {1, 1}, 9, row -> row == 3, TieOrder.POSITION, 2, NEVER, () -> false);
    assertArrayEquals(new int[] {2, 0}, picked.rows());
    assertEquals(
        0,
        products
            .pick(new float[] {1, 1}, 0, NONE, TieOrder.POSITION, 1, NEVER, () -> false)
            .rows()
            .length);
  }

  @Test
  void pick_whenAHelperFails_failsAsItDoes() {
    DotProducts products = DotProducts.of(new float[][] {new float[9 * DotProducts.BLOCK]});
    Thread caller = Thread.currentThread();
    IntPredicate broken =
        row -> {
          throw new IllegalStateException("broken");
        };
    assertThrows(
        IllegalStateException.class,
        () ->
            products.pick(
                new float[] {1}, 5, broken, TieOrder.POSITION, 2, Runnable::run, () -> false));
    assertEquals(caller, Thread.currentThread());
  }

  @Test
  void of_vectorsThatDoNotFit_saysWhy() {
    assertThrows(InvalidInput.class, () -> DotProducts.of(new float[0][]));
    assertEquals(
        "element 1 of the item vectors is of 1 items, but the first one of 2",
        assertThrows(
                InvalidInput.class,
                () -> DotProducts.of(new float[][] {new float[2], new float[1]}))
            .getMessage());
    DotProducts products = DotProducts.of(new float[2][3]);
    assertEquals(
        "the user's vector has 3 elements, but the items' have 2",
        assertThrows(
                InvalidInput.class,
                () ->
                    products.pick(new float[3], 1, NONE, TieOrder.POSITION, 1, NEVER, () -> false))
            .getMessage());
  }

  @Test
  void of_inputsOfItems_takesThemInTheOrderGiven() {
    FeatureContract contract =
        new FeatureContract(
            List.of(
                InputField.of("f1", FieldType.DOUBLE, OperationalType.CONTINUOUS),
                InputField.of("f0", FieldType.FLOAT, OperationalType.CONTINUOUS),
                InputField.of("year", FieldType.INTEGER, OperationalType.CONTINUOUS),
                InputField.of("user", FieldType.DOUBLE, OperationalType.CONTINUOUS)),
            List.of());
    ItemColumns items =
        ItemColumns.builder(contract, 2)
            .add("f0", new Column.Floats(new float[] {1, 2}, new boolean[2]))
            .add("f1", new Column.Doubles(new double[] {3, 4}, new boolean[] {false, true}))
            .add("year", new Column.Longs(new long[] {1999, 2000}, new boolean[2]))
            .build();
    Shortlist picked =
        DotProducts.of(items, new int[] {1, 0})
            .pick(new float[] {10, 1}, 5, NONE, TieOrder.POSITION, 1, NEVER, () -> false);
    assertArrayEquals(new int[] {0}, picked.rows());
    assertArrayEquals(new double[] {13}, picked.scores());
    assertEquals(
        "the item vector's element 'year' is of type integer, but float or double is expected",
        assertThrows(InvalidInput.class, () -> DotProducts.of(items, new int[] {2})).getMessage());
    assertEquals(
        "the item vector's element 'user' is no input that the items give",
        assertThrows(InvalidInput.class, () -> DotProducts.of(items, new int[] {3})).getMessage());
  }

  private static float[][] elements(int size, int items, Random random) {
    float[][] elements = new float[size][items];
    for (float[] element : elements) {
      for (int row = 0; row < items; row++) {
        // Few different numbers, so that sums are equal.
        element[row] = random.nextInt(4) == 0 ? random.nextInt(3) : (float) random.nextGaussian();
      }
    }
    return elements;
  }

  private static float[] vector(int size, Random random) {
    float[] vector = new float[size];
    for (int i = 0; i < size; i++) {
      vector[i] = random.nextInt(5) == 0 ? 0 : (float) random.nextGaussian();
    }
    return vector;
  }
}
