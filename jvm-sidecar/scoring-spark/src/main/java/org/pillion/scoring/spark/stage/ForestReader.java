package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;

/** Reads the {@code tree} elements of a model into the flat arrays of a {@link Forest}. */
final class ForestReader {
  final int[] roots;
  final int[] feature;
  final double[] threshold;

  /** Per node its left child; of a leaf, its position among all leaves as the plan lists them. */
  final int[] left;

  final int[] right;

  /** Per node, the categories that are looked up; null where it has a threshold. */
  final BitSet[] categories;

  /** Per categorical node, whether those categories go left; otherwise all others do. */
  final boolean[] listedLeft;

  /** Numbers of the leaves, and where they are known those of inner nodes, so many a node. */
  final double[] values;

  /** Number of leaves. */
  final int leafCount;

  /** Numbers a node. */
  final int width;

  /** Whether inner nodes have their values. */
  boolean innerValues = true;

  private final int features;

  /**
   * Reads a model.
   *
   * @param features number of features
   * @param width numbers a leaf
   */
  ForestReader(Element model, int features, int width) {
    List<Element> trees = model.children("tree");
    if (trees.isEmpty()) {
      throw new InvalidModel("the plan's " + model.name() + " has no trees");
    }
    this.features = features;
    this.width = width;
    this.roots = new int[trees.size()];
    List<int[]> splits = new ArrayList<>();
    int total = 0;
    for (int t = 0; t < roots.length; t++) {
      roots[t] = total;
      splits.add(trees.get(t).ints("feature"));
      requireLeaves(trees.get(t), splits.get(t));
      total = Math.addExact(total, splits.get(t).length);
    }
    this.feature = new int[total];
    this.threshold = new double[total];
    this.left = new int[total];
    this.right = new int[total];
    this.categories = new BitSet[total];
    this.listedLeft = new boolean[total];
    this.values = new double[Math.multiplyExact(total, width)];
    int before = 0;
    for (int t = 0; t < roots.length; t++) {
      Element tree = trees.get(t);
      int nodes = splits.get(t).length;
      readNodes(tree, splits.get(t), roots[t], before);
      readCategories(tree, roots[t], nodes);
      readInner(tree, roots[t], nodes);
      before += nodes / 2 + 1;
    }
    this.leafCount = before;
  }

  /** Before there is room for the leaves: a tree has one more of them than splits, with text. */
  private void requireLeaves(Element tree, int[] splits) {
    long leaves = Arrays.stream(splits).filter(split -> split == Forest.LEAF).count();
    if (leaves != splits.length / 2 + 1 || splits.length % 2 == 0) {
      throw new InvalidModel("the plan has a tree whose splits and leaves make no tree");
    }
    if (leaves * width > tree.requireChild("value").text().length()) {
      throw new InvalidModel("the plan has a tree with too few leaf values");
    }
  }

  /**
   * Reads a tree's splits and leaves.
   *
   * @param before how many leaves the trees before have
   */
  private void readNodes(Element tree, int[] splits, int root, int before) {
    int nodes = splits.length;
    double[] thresholds = tree.doubles("threshold");
    int[] lefts = tree.ints("left");
    int[] rights = tree.ints("right");
    double[] leaves = tree.doubles("value");
    boolean whole =
        nodes > 0 && thresholds.length == nodes && lefts.length == nodes && rights.length == nodes;
    if (!whole) {
      throw new InvalidModel("the plan has a tree whose arrays differ in length");
    }
    int leaf = 0;
    for (int i = 0; i < nodes; i++) {
      int node = root + i;
      feature[node] = splits[i];
      if (splits[i] == Forest.LEAF) {
        if ((leaf + 1) * width > leaves.length) {
          throw new InvalidModel("the plan has a tree with too few leaf values");
        }
        left[node] = before + leaf;
        System.arraycopy(leaves, leaf++ * width, values, node * width, width);
        continue;
      }
      // Children come after their parent, so that every walk ends.
      boolean sound =
          splits[i] >= 0
              && splits[i] < features
              && lefts[i] > i
              && lefts[i] < nodes
              && rights[i] > i
              && rights[i] < nodes;
      if (!sound) {
        throw new InvalidModel("the plan has a tree with a bad node");
      }
      threshold[node] = thresholds[i];
      left[node] = root + lefts[i];
      right[node] = root + rights[i];
    }
    if (leaf * width != leaves.length) {
      throw new InvalidModel("the plan has a tree with too many leaf values");
    }
  }

  private void readCategories(Element tree, int root, int nodes) {
    for (Element split : tree.children("categories")) {
      int node = root + split.count("node");
      if (split.count("node") >= nodes || feature[node] == Forest.LEAF) {
        throw new InvalidModel("the plan has categories at a node that has no split");
      }
      int[] listed = split.ints();
      int arity = split.count("arity");
      BitSet set = new BitSet();
      for (int category : listed) {
        if (category < 0 || category >= arity) {
          throw new InvalidModel("the plan has a category outside of a feature's: " + category);
        }
        set.set(category);
      }
      // Spark keeps the smaller side; a value that is in neither goes to the other one.
      listedLeft[node] = listed.length <= arity / 2;
      if (!listedLeft[node]) {
        set.flip(0, arity);
      }
      categories[node] = set;
    }
  }

  /**
   * Gives inner nodes the numbers that the plan has of them; without, counts of classes are the
   * sums of the children's.
   */
  private void readInner(Element tree, int root, int nodes) {
    if (tree.hasChild("inner")) {
      double[] inner = tree.doubles("inner");
      int at = 0;
      for (int node = root; node < root + nodes; node++) {
        if (feature[node] != Forest.LEAF) {
          if (at == inner.length) {
            throw badInner();
          }
          values[node * width] = inner[at++];
        }
      }
      if (at < inner.length || width > 1) {
        throw badInner();
      }
    } else if (width > 1) {
      for (int node = root + nodes - 1; node >= root; node--) {
        for (int i = 0; feature[node] != Forest.LEAF && i < width; i++) {
          values[node * width + i] =
              values[left[node] * width + i] + values[right[node] * width + i];
        }
      }
    } else {
      innerValues &= nodes == 1;
    }
  }

  private static InvalidModel badInner() {
    return new InvalidModel("the plan has a tree with other values than inner nodes");
  }
}
