package org.pillion.scoring.spark.booster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;

/**
 * XGBoost's trees: splits and sums of floats, tree after tree.
 *
 * <p>A node goes left where its feature is less than its threshold; a categorical one where the set
 * of its categories lacks the feature's value. A missing value goes where the node says.
 */
public final class FloatForest implements FloatMargins {
  private static final int LEAF = -1;

  /** The group of a tree whose leaves have a value for each. */
  private static final int ALL = -1;

  /** The first float that XGBoost takes for no category. */
  private static final float NO_CATEGORY = 1 << 24;

  /**
   * A tree; children come after their node, and a leaf's {@code left} is its first value. The sets
   * of categories are ascending.
   */
  record Tree(
      int[] feature,
      float[] threshold,
      int[] left,
      int[] right,
      boolean[] missingLeft,
      int[][] categories,
      float[] values,
      int group,
      float weight) {

    /** Whether its leaves have a value for each group. */
    boolean hasVectors() {
      return group == ALL;
    }

    boolean isLeaf(int node) {
      return feature[node] == LEAF;
    }

    boolean goesLeft(int node, float value) {
      if (Float.isNaN(value)) {
        return missingLeft[node];
      }
      int[] set = categories[node];
      if (set == null) {
        return value < threshold[node];
      }
      return value < 0 || value >= NO_CATEGORY || Arrays.binarySearch(set, (int) value) < 0;
    }
  }

  private final List<Tree> trees;
  private final int features;
  private final int groups;

  /** Subtracted from and added to each leaf before it is weighed, as XGBoost up to 3.2 does. */
  private final float[] rebase;

  /** The same trees by their leaves, or null where they are walked. */
  private final IndexedTrees indexed;

  private FloatForest(List<Tree> trees, int features, int groups, float[] rebase) {
    this.trees = trees;
    this.features = features;
    this.groups = groups;
    this.rebase = rebase;
    this.indexed = IndexedTrees.of(trees, this::weighed);
  }

  /**
   * Reads the {@code tree} elements of a model.
   *
   * @param groups number of margins
   * @param rebase what each tree's values are rounded with, one a group; null where they are not
   */
  public static FloatForest of(Element model, int features, int groups, float[] rebase) {
    List<Tree> trees = new ArrayList<>();
    for (Element element : model.children("tree")) {
      trees.add(tree(element, features, groups));
    }
    return new FloatForest(trees, features, groups, rebase);
  }

  private static Tree tree(Element element, int features, int groups) {
    int[] feature = element.ints("feature");
    int nodes = feature.length;
    float[] threshold = floats(element.doubles("threshold"));
    int[] left = element.ints("left");
    int[] right = element.ints("right");
    int[] missing = element.ints("missing");
    float[] values = floats(element.doubles("value"));
    if (nodes == 0
        || threshold.length != nodes
        || left.length != nodes
        || right.length != nodes
        || missing.length != nodes) {
      throw new InvalidModel("the plan has a boosted tree whose arrays differ in length");
    }
    long group = element.whole("group");
    int width = group == ALL ? groups : 1;
    if (group < ALL || group >= groups) {
      throw new InvalidModel("the plan has a boosted tree of the group " + group);
    }
    boolean[] missingLeft = new boolean[nodes];
    int leaf = 0;
    for (int i = 0; i < nodes; i++) {
      missingLeft[i] = missing[i] == left[i];
      if (feature[i] == LEAF) {
        left[i] = leaf;
        leaf += width;
        continue;
      }
      boolean inside = left[i] > i && right[i] > i && left[i] < nodes && right[i] < nodes;
      boolean known = feature[i] >= 0 && feature[i] < features;
      if (!inside || !known || missing[i] != left[i] && missing[i] != right[i]) {
        throw new InvalidModel("the plan has a boosted tree whose node %d is bad".formatted(i));
      }
    }
    if (leaf != values.length) {
      throw new InvalidModel(
          "the plan has a boosted tree with %d values for %d".formatted(values.length, leaf));
    }
    float weight = (float) element.number("weight");
    return new Tree(
        feature,
        threshold,
        left,
        right,
        missingLeft,
        categories(element, feature),
        values,
        (int) group,
        weight);
  }

  private static int[][] categories(Element element, int[] feature) {
    int[][] categories = new int[feature.length][];
    for (Element set : element.children("categories")) {
      int node = set.count("node");
      if (node >= feature.length || feature[node] == LEAF) {
        throw new InvalidModel("the plan has categories of a node that splits nothing");
      }
      categories[node] = set.ints();
      Arrays.sort(categories[node]);
    }
    return categories;
  }

  /** Doubles rounded to floats. */
  public static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  @Override
  public void add(float[] x, int rows, float[] margins) {
    if (indexed != null) {
      indexed.add(x, features, rows, margins, groups);
      return;
    }
    for (Tree tree : trees) {
      for (int row = 0; row < rows; row++) {
        int leaf = tree.left[node(tree, x, row * features)];
        int at = row * groups;
        if (!tree.hasVectors()) {
          margins[at + tree.group] += weighed(tree.values[leaf], tree.weight, tree.group);
          continue;
        }
        for (int group = 0; group < groups; group++) {
          margins[at + group] += weighed(tree.values[leaf + group], tree.weight, group);
        }
      }
    }
  }

  private float weighed(float value, float weight, int group) {
    if (rebase == null) {
      return value * weight;
    }
    float base = rebase[group];
    return (base + value - base) * weight;
  }

  private static int node(Tree tree, float[] x, int at) {
    int node = 0;
    while (!tree.isLeaf(node)) {
      float value = x[at + tree.feature[node]];
      node = tree.goesLeft(node, value) ? tree.left[node] : tree.right[node];
    }
    return node;
  }
}
