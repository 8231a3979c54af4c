package org.pillion.scoring.spark.tree;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds leaves by the ranks of features among a forest's thresholds.
 *
 * <p>Where the tables of possible leaves of a whole forest would be too large, those of its parts
 * are not: they grow with the square of the number of trees.
 */
public final class LeafIndex {
  /** Rows at a time; their ranks and leaves stay in the processor's first cache. */
  public static final int BLOCK = 64;

  /** Parts that a forest is taken in at most; each ranks the features anew. */
  private static final int MOST_PARTS = 32;

  /**
   * Neighbouring trees.
   *
   * @param tree the first of them
   * @param leaf how many leaves the trees before have
   */
  private record Part(ThresholdIndex thresholds, LeafFinder finder, int tree, int leaf) {
    int trees() {
      return thresholds.forest().trees();
    }
  }

  private final List<Part> parts;
  private final int trees;

  private LeafIndex(List<Part> parts, int trees) {
    this.parts = parts;
    this.trees = trees;
  }

  /** The index of a forest, or null where its trees can only be walked. */
  public static LeafIndex of(Trees forest) {
    LeafSets.Shape shape = LeafSets.Shape.of(forest);
    ThresholdIndex thresholds = shape == null ? null : ThresholdIndex.of(forest);
    if (thresholds == null) {
      return null;
    }
    LeafFinder sets = LeafSets.of(thresholds, shape);
    if (sets != null) {
      return new LeafIndex(List.of(new Part(thresholds, sets, 0, 0)), forest.trees());
    }
    List<Part> parts = shape.ordered() ? parts(forest, shape) : null;
    if (parts != null) {
      return new LeafIndex(parts, forest.trees());
    }
    LeafFinder finder = QuantizedForest.of(thresholds);
    return finder == null
        ? null
        : new LeafIndex(List.of(new Part(thresholds, finder, 0, 0)), forest.trees());
  }

  /** As few parts as have tables that are not too large; null where there are none. */
  private static List<Part> parts(Trees forest, LeafSets.Shape shape) {
    for (int count = 2; count <= Math.min(MOST_PARTS, forest.trees()); count *= 2) {
      List<Part> parts = new ArrayList<>();
      int leaf = 0;
      for (int part = 0; part < count; part++) {
        int from = (int) ((long) forest.trees() * part / count);
        int to = (int) ((long) forest.trees() * (part + 1) / count);
        TreeRange range = new TreeRange(forest, from, to - from, leaf);
        ThresholdIndex thresholds = ThresholdIndex.of(range);
        LeafFinder sets =
            thresholds == null ? null : LeafSets.of(thresholds, LeafSets.Shape.of(range));
        if (sets == null) {
          break;
        }
        parts.add(new Part(thresholds, sets, from, leaf));
        for (int tree = from; tree < to; tree++) {
          leaf += shape.leaves()[forest.root(tree)];
        }
      }
      if (parts.size() == count) {
        return parts;
      }
    }
    return null;
  }

  /** How many parts the trees are taken in. */
  int partCount() {
    return parts.size();
  }

  /**
   * Per node of a forest, the position of its first leaf among all leaves from left to right, tree
   * by tree; null where a node has no parent or several.
   */
  public static int[] leftToRight(Trees forest) {
    LeafSets.Shape shape = LeafSets.Shape.of(forest);
    if (shape == null) {
      return null;
    }
    int[] positions = new int[forest.nodes()];
    int before = 0;
    for (int tree = 0; tree < forest.trees(); tree++) {
      for (int node = forest.root(tree); node < forest.end(tree); node++) {
        positions[node] = before + shape.first()[node];
      }
      before += shape.leaves()[forest.root(tree)];
    }
    return positions;
  }

  /** A search for the leaves of up to so many rows at a time; it belongs to one call. */
  public Search search(int rows) {
    return new Search(Math.min(rows, BLOCK));
  }

  /** What ranks the features of some rows for a part. */
  private interface Encoder {
    void encode(ThresholdIndex thresholds, int[] ranks);
  }

  /** Room for ranks and leaves. */
  public final class Search {
    private final int[] ranks;
    private final int[] leaves;

    /** Those of a part, where there are several. */
    private final int[] some;

    private Search(int rows) {
      int width = parts.stream().mapToInt(part -> part.thresholds.width()).max().orElse(0);
      int most = parts.stream().mapToInt(Part::trees).max().orElse(0);
      this.ranks = new int[rows * width];
      this.leaves = new int[rows * trees];
      this.some = parts.size() == 1 ? leaves : new int[rows * most];
    }

    /**
     * The leaves of rows, as positions among all leaves, row by row, tree by tree; the next search
     * overwrites them.
     *
     * @param x features row by row
     * @param size number of features
     */
    public int[] find(double[] x, int size, int rows) {
      return find((thresholds, of) -> thresholds.encode(x, size, rows, of), rows);
    }

    /**
     * The same of features column by column.
     *
     * @param x one number a row, or one that all rows share
     * @param from the first of the rows
     */
    public int[] find(double[][] x, int from, int rows) {
      return find((thresholds, of) -> thresholds.encode(x, from, rows, of), rows);
    }

    private int[] find(Encoder encoder, int rows) {
      for (Part part : parts) {
        encoder.encode(part.thresholds, ranks);
        part.finder.find(ranks, rows, some);
        if (some != leaves) {
          collect(part, rows);
        }
      }
      return leaves;
    }

    private void collect(Part part, int rows) {
      int count = part.trees();
      for (int row = 0; row < rows; row++) {
        int at = row * trees + part.tree;
        for (int tree = 0; tree < count; tree++) {
          leaves[at + tree] = part.leaf + some[row * count + tree];
        }
      }
    }
  }
}
