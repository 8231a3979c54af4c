package org.pillion.scoring.spark.tree;

/** Finds leaves by the ranks of features among a forest's thresholds. */
public final class LeafIndex {
  /** Rows at a time; their ranks and leaves stay in the processor's first cache. */
  public static final int BLOCK = 64;

  private final ThresholdIndex thresholds;
  private final LeafFinder finder;
  private final int trees;

  private LeafIndex(ThresholdIndex thresholds, LeafFinder finder) {
    this.thresholds = thresholds;
    this.finder = finder;
    this.trees = thresholds.forest().trees();
  }

  /** The index of a forest, or null where its trees can only be walked. */
  public static LeafIndex of(Trees forest) {
    LeafSets.Shape shape = LeafSets.Shape.of(forest);
    ThresholdIndex thresholds = shape == null ? null : ThresholdIndex.of(forest);
    if (thresholds == null) {
      return null;
    }
    LeafFinder sets = LeafSets.of(thresholds, shape);
    LeafFinder finder = sets == null ? QuantizedForest.of(thresholds) : sets;
    return finder == null ? null : new LeafIndex(thresholds, finder);
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

  /** Room for ranks and leaves. */
  public final class Search {
    private final int[] ranks;
    private final int[] leaves;

    private Search(int rows) {
      this.ranks = new int[rows * thresholds.width()];
      this.leaves = new int[rows * trees];
    }

    /**
     * The leaves of rows, as positions among all leaves, row by row, tree by tree; the next search
     * overwrites them.
     *
     * @param x features row by row
     * @param size number of features
     */
    public int[] find(double[] x, int size, int rows) {
      thresholds.encode(x, size, rows, ranks);
      finder.find(ranks, rows, leaves);
      return leaves;
    }

    /**
     * The same of features column by column.
     *
     * @param x one number a row, or one that all rows share
     * @param from the first of the rows
     */
    public int[] find(double[][] x, int from, int rows) {
      thresholds.encode(x, from, rows, ranks);
      finder.find(ranks, rows, leaves);
      return leaves;
    }
  }
}
