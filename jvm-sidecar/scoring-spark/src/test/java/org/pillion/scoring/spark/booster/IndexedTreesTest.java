package org.pillion.scoring.spark.booster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.pillion.scoring.spark.booster.FloatForest.Tree;

/** Trees whose leaves are found together add what walked ones add. */
final class IndexedTreesTest {
  private static final int FEATURES = 5;
  private static final float[] VALUES = {
    0.0f, -0.0f, 1.0f, -1.0f, 0.5f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, 0x1p-130f
  };

  /** A tree whose nodes are numbered in the order in which they were split. */
  private static Tree tree(Random random, int splits, int group) {
    int nodes = 2 * splits + 1;
    int[] feature = new int[nodes];
    float[] threshold = new float[nodes];
    int[] left = new int[nodes];
    int[] right = new int[nodes];
    boolean[] missingLeft = new boolean[nodes];
    Arrays.fill(feature, -1);
    int end = 1;
    List<Integer> leaves = new ArrayList<>(List.of(0));
    for (int split = 0; split < splits; split++) {
      int node = leaves.remove(random.nextInt(leaves.size()));
      feature[node] = random.nextInt(FEATURES);
      threshold[node] = random.nextInt(20) == 0 ? Float.POSITIVE_INFINITY : value(random, false);
      missingLeft[node] = random.nextBoolean();
      left[node] = end++;
      right[node] = end++;
      leaves.add(left[node]);
      leaves.add(right[node]);
    }
    float[] values = new float[splits + 1];
    int leaf = 0;
    for (int node = 0; node < nodes; node++) {
      if (feature[node] == -1) {
        values[leaf] = (float) random.nextGaussian();
        left[node] = leaf++;
      }
    }
    int[][] none = new int[nodes][];
    float weight = random.nextFloat();
    return new Tree(feature, threshold, left, right, missingLeft, none, values, group, weight);
  }

  private static float value(Random random, boolean any) {
    return switch (random.nextInt(any ? 6 : 3)) {
      case 0 -> VALUES[random.nextInt(VALUES.length)];
      case 1 -> Math.nextDown(VALUES[random.nextInt(VALUES.length - 2)]);
      case 2 -> random.nextInt(4);
      case 3 -> Float.NaN;
      case 4 -> Float.POSITIVE_INFINITY;
      default -> Float.NEGATIVE_INFINITY;
    };
  }

  @Property(tries = 400)
  void theirSums_haveTheBitsOfWalks(@ForAll long seed) {
    Random random = new Random(seed);
    int groups = 1 + random.nextInt(2) * random.nextInt(3);
    List<Tree> trees = new ArrayList<>();
    for (int i = random.nextInt(9); i >= 0; i--) {
      trees.add(tree(random, random.nextInt(80), random.nextInt(groups)));
    }
    int rows = 1 + random.nextInt(70);
    float[] x = new float[rows * FEATURES];
    for (int i = 0; i < x.length; i++) {
      x[i] = value(random, true);
    }
    float[] expected = new float[rows * groups];
    Arrays.fill(expected, 0.5f);
    float[] found = expected.clone();
    for (Tree tree : trees) {
      for (int row = 0; row < rows; row++) {
        int node = 0;
        while (!tree.isLeaf(node)) {
          boolean left = tree.goesLeft(node, x[row * FEATURES + tree.feature()[node]]);
          node = left ? tree.left()[node] : tree.right()[node];
        }
        float value = tree.values()[tree.left()[node]];
        expected[row * groups + tree.group()] += value * tree.weight();
      }
    }

    IndexedTrees indexed = IndexedTrees.of(trees, (value, weight, group) -> value * weight);
    assertNotNull(indexed);
    indexed.add(x, FEATURES, rows, found, groups);

    assertArrayEquals(bits(expected), bits(found));
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  @Example
  void aThresholdThatNothingIsLessThan_isWalked() {
    Tree tree = tree(new Random(1), 1, 0);
    tree.threshold()[0] = Float.NEGATIVE_INFINITY;
    assertNull(IndexedTrees.of(List.of(tree), (value, weight, group) -> value));
  }

  @Example
  void categories_areWalked() {
    Tree tree = tree(new Random(1), 1, 0);
    tree.categories()[0] = new int[0];
    assertNull(IndexedTrees.of(List.of(tree), (value, weight, group) -> value));
  }
}
