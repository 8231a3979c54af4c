package org.pillion.scoring;

import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * A first phase: the items whose vectors have the largest dot products with a user's vector.
 *
 * <p>A dot product is of single precision. It begins at zero, and the products of elements are
 * added from the first to the last, each rounded; so it has the same bits on every machine and for
 * any number of threads. An item with an element that is missing or NaN is never picked.
 *
 * <p>Vectors are held element by element in blocks of items, since the JIT makes vector
 * instructions of a loop over items, and none of a sum within one item.
 */
public final class DotProducts {
  /** Items at a time; their sums stay in the processor's first cache. */
  static final int BLOCK = 1_024;

  /** By block and element, the elements of its items. */
  private final float[][][] blocks;

  private final int items;
  private final int size;

  private DotProducts(float[][][] blocks, int items, int size) {
    this.blocks = blocks;
    this.items = items;
    this.size = size;
  }

  /**
   * Vectors whose elements are inputs of a model that items give, in a given order.
   *
   * @param positions the inputs of the elements, by their positions in the contract
   * @throws InvalidInput naming an input that items do not give, or that has no numbers
   */
  public static DotProducts of(ItemColumns items, int[] positions) {
    float[][] elements = new float[positions.length][];
    for (int i = 0; i < positions.length; i++) {
      String name = items.contract().inputs().get(positions[i]).name();
      if (!items.has(positions[i])) {
        throw new InvalidInput(
            name, "the item vector's element '" + name + "' is no input that the items give");
      }
      elements[i] = numbers(items.column(positions[i]), name);
    }
    return of(elements);
  }

  /**
   * Vectors by their elements.
   *
   * @param elements by element, one number an item; NaN where it is missing
   * @throws InvalidInput when there is no element, or one has another number of items
   */
  public static DotProducts of(float[][] elements) {
    if (elements.length == 0) {
      throw new InvalidInput("the item vectors have no elements");
    }
    int items = elements[0].length;
    float[][][] blocks = new float[(items + BLOCK - 1) / BLOCK][elements.length][];
    for (int i = 0; i < elements.length; i++) {
      if (elements[i].length != items) {
        throw new InvalidInput(
            "element %d of the item vectors is of %d items, but the first one of %d"
                .formatted(i, elements[i].length, items));
      }
      for (int block = 0; block < blocks.length; block++) {
        int from = block * BLOCK;
        blocks[block][i] = Arrays.copyOfRange(elements[i], from, from + BLOCK);
      }
    }
    return new DotProducts(blocks, items, elements.length);
  }

  private static float[] numbers(Column column, String name) {
    float[] out = new float[column.rows()];
    for (int row = 0; row < out.length; row++) {
      if (column.isMissing(row)) {
        out[row] = Float.NaN;
      } else if (column instanceof Column.Doubles numbers) {
        out[row] = (float) numbers.values()[row];
      } else if (column instanceof Column.Floats numbers) {
        out[row] = numbers.values()[row];
      } else {
        throw new InvalidInput(
            name,
            "the item vector's element '%s' is of type %s, but float or double is expected"
                .formatted(name, column.type().text()));
      }
    }
    return out;
  }

  /** Number of items. */
  public int items() {
    return items;
  }

  /** Length of the vectors. */
  public int size() {
    return size;
  }

  /** Bytes of the vectors. */
  public long bytes() {
    return (long) Float.BYTES * BLOCK * size * blocks.length;
  }

  /**
   * Picks items.
   *
   * @param user the user's vector; of its numbers, those of single precision next to them are taken
   * @param k how many are wanted, at most
   * @param excluded the rows that are not wanted, such as items that were seen
   * @param ties which of two rows with equal products comes first
   * @param threads how many are to share the work, with the caller's own
   * @param helpers starts the others, now, later or never
   * @param expired whether time has run out; asked before each block of items
   * @throws InvalidInput when the user's vector has another length, or k is negative
   */
  public Shortlist pick(
      float[] user,
      int k,
      IntPredicate excluded,
      TieOrder ties,
      int threads,
      Executor helpers,
      BooleanSupplier expired) {
    if (user.length != size) {
      throw new InvalidInput(
          "the user's vector has %d elements, but the items' have %d".formatted(user.length, size));
    }
    if (k < 0) {
      throw new InvalidInput("the number of wanted items is negative: " + k);
    }
    Search search = new Search(user, Math.min(k, items), excluded, ties, expired);
    for (int i = 1; i < Math.min(threads, blocks.length); i++) {
      helpers.execute(search::help);
    }
    return search.finish();
  }

  /** Threads take blocks one by one, in order, and finish each that they took. */
  private final class Search {
    private final float[] user;
    private final int k;
    private final IntPredicate excluded;
    private final TieOrder ties;
    private final BooleanSupplier expired;
    private final AtomicInteger next = new AtomicInteger();
    private final TopK best;
    private int running;
    private boolean closed;
    private Throwable failure;

    Search(float[] user, int k, IntPredicate excluded, TieOrder ties, BooleanSupplier expired) {
      this.user = user;
      this.k = k;
      this.excluded = excluded;
      this.ties = ties;
      this.expired = expired;
      this.best = new TopK(k, ties);
    }

    /** A helper that comes too late has nothing to do. */
    void help() {
      synchronized (this) {
        if (closed) {
          return;
        }
        running++;
      }
      TopK own = new TopK(k, ties);
      Throwable thrown = null;
      try {
        search(own);
      } catch (RuntimeException | Error e) {
        thrown = e;
      }
      synchronized (this) {
        best.addAll(own);
        failure = failure == null ? thrown : failure;
        running--;
        notifyAll();
      }
    }

    Shortlist finish() {
      TopK own = new TopK(k, ties);
      boolean interrupted = false;
      try {
        search(own);
      } finally {
        synchronized (this) {
          closed = true;
          while (running > 0) {
            try {
              wait();
            } catch (InterruptedException e) {
              interrupted = true;
            }
          }
        }
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      if (failure instanceof Error error) {
        throw error;
      } else if (failure instanceof RuntimeException exception) {
        throw exception;
      }
      best.addAll(own);
      TopK.Sorted sorted = best.sorted();
      int seen = Math.min(items, Math.min(next.get(), blocks.length) * BLOCK);
      return new Shortlist(sorted.rows(), sorted.scores(), seen, items);
    }

    private void search(TopK own) {
      float[] sums = new float[BLOCK];
      while (next.get() < blocks.length && !expired.getAsBoolean()) {
        int block = next.getAndIncrement();
        if (block >= blocks.length) {
          return;
        }
        multiply(blocks[block], sums);
        int first = block * BLOCK;
        int count = Math.min(BLOCK, items - first);
        for (int i = 0; i < count; i++) {
          double sum = sums[i];
          if (sum >= own.least() && own.wants(first + i, sum) && !excluded.test(first + i)) {
            own.add(first + i, sum);
          }
        }
      }
    }

    private void multiply(float[][] elements, float[] sums) {
      Arrays.fill(sums, 0f);
      int i = 0;
      for (; i + 3 < size; i += 4) {
        add(user, i, elements[i], elements[i + 1], elements[i + 2], elements[i + 3], sums);
      }
      for (; i < size; i++) {
        add(user[i], elements[i], sums);
      }
    }
  }

  /** Methods of their own and this simple, so that the JIT makes vector instructions of them. */
  private static void add(
      float[] user, int at, float[] w, float[] x, float[] y, float[] z, float[] sums) {
    float a = user[at];
    float b = user[at + 1];
    float c = user[at + 2];
    float d = user[at + 3];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = (((sums[i] + a * w[i]) + b * x[i]) + c * y[i]) + d * z[i];
    }
  }

  private static void add(float a, float[] x, float[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += a * x[i];
    }
  }
}
