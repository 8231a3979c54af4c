package org.pillion.scoring.spark.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.stage.Forest;

/** Tables of leaves and walks on ranks find the leaves that a plain walk finds. */
final class LeafFinderTest {
  private static final int FEATURES = 6;
  private static final double[] VALUES = {
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 61.0, 62.0, 63.0, 64.0, 1e300, -1e300, Double.MIN_VALUE
  };

  @Property(tries = 400)
  void everyWay_findsTheSameLeaves(@ForAll long seed) {
    Random random = new Random(seed);
    // Even features have thresholds; of the odd ones, some have so few categories as to be listed.
    int arity = random.nextInt(4) == 0 ? 1 + random.nextInt(62) : 2 + random.nextInt(6);
    String trees =
        IntStream.rangeClosed(0, random.nextInt(9))
            .mapToObj(tree -> tree(random, random.nextInt(8), arity))
            .collect(Collectors.joining());
    Forest forest = forest(trees);
    ThresholdIndex thresholds = ThresholdIndex.of(forest);
    LeafSets.Shape shape = LeafSets.Shape.of(forest);
    LeafSets.Shape cheap =
        new LeafSets.Shape(shape.leaves(), shape.first(), Integer.MAX_VALUE, shape.ordered());
    LeafSets sets = LeafSets.of(thresholds, cheap);
    QuantizedForest walk = QuantizedForest.of(thresholds);
    assertNotNull(sets);
    assertNotNull(walk);

    int rows = 1 + random.nextInt(10);
    int[] of = new int[rows * thresholds.width()];
    List<int[]> expected = new ArrayList<>();
    int shared = random.nextInt(1 << FEATURES);
    double[] x = new double[rows * FEATURES];
    for (int row = 0; row < rows; row++) {
      for (int feature = 0; feature < FEATURES; feature++) {
        boolean same = row > 0 && (shared >> feature & 1) == 1;
        x[row * FEATURES + feature] = same ? x[feature] : value(random);
      }
      int start = row * FEATURES;
      expected.add(forest.leaves(Arrays.copyOfRange(x, start, start + FEATURES)));
    }
    thresholds.encode(x, FEATURES, rows, of);
    int[] all = expected.stream().flatMapToInt(IntStream::of).toArray();
    for (LeafFinder finder : List.of(sets, walk)) {
      int[] found = new int[all.length];
      finder.find(of, rows, found);
      assertArrayEquals(all, found, finder.getClass().getSimpleName() + " of " + trees);
    }
  }

  @Property(tries = 200)
  void missingValues_goWhereTheirNodesSay(@ForAll long seed) {
    Random random = new Random(seed);
    String trees =
        IntStream.rangeClosed(0, random.nextInt(6))
            .mapToObj(tree -> tree(random, random.nextInt(7), 4))
            .collect(Collectors.joining());
    MissingLeft forest = new MissingLeft(forest(trees), new Random(~seed));
    ThresholdIndex thresholds = ThresholdIndex.of(forest);
    LeafSets.Shape shape = LeafSets.Shape.of(forest);
    LeafSets sets =
        LeafSets.of(
            thresholds,
            new LeafSets.Shape(shape.leaves(), shape.first(), Integer.MAX_VALUE, shape.ordered()));
    int rows = 1 + random.nextInt(10);
    double[] x = random.ints((long) rows * FEATURES).mapToDouble(i -> value(random)).toArray();
    int[] of = new int[rows * thresholds.width()];
    int[] found = new int[rows * forest.trees()];

    thresholds.encode(x, FEATURES, rows, of);
    sets.find(of, rows, found);

    for (int i = 0; i < found.length; i++) {
      int node = forest.root(i % forest.trees());
      while (!forest.isLeaf(node)) {
        double value = x[i / forest.trees() * FEATURES + forest.feature(node)];
        node = forest.goesLeft(node, value) ? forest.left(node) : forest.right(node);
      }
      assertEquals(forest.number(node), found[i]);
    }
    assertEquals(forest.any(), QuantizedForest.of(thresholds) == null);
  }

  /** A forest in which NaN goes left at some thresholds. */
  private record MissingLeft(Forest forest, boolean[] missingLeft) implements Trees {
    MissingLeft(Forest forest, Random random) {
      this(forest, new boolean[forest.nodes()]);
      for (int node = 0; node < missingLeft.length; node++) {
        missingLeft[node] = !isLeaf(node) && categories(node) == null && random.nextInt(3) == 0;
      }
    }

    boolean any() {
      return IntStream.range(0, missingLeft.length).anyMatch(node -> missingLeft[node]);
    }

    @Override
    public boolean goesLeft(int node, double value) {
      return missingLeft[node] && Double.isNaN(value) || forest.goesLeft(node, value);
    }

    @Override
    public int trees() {
      return forest.trees();
    }

    @Override
    public int nodes() {
      return forest.nodes();
    }

    @Override
    public int root(int tree) {
      return forest.root(tree);
    }

    @Override
    public int end(int tree) {
      return forest.end(tree);
    }

    @Override
    public boolean isLeaf(int node) {
      return forest.isLeaf(node);
    }

    @Override
    public int feature(int node) {
      return forest.feature(node);
    }

    @Override
    public int left(int node) {
      return forest.left(node);
    }

    @Override
    public int right(int node) {
      return forest.right(node);
    }

    @Override
    public int number(int leaf) {
      return forest.number(leaf);
    }

    @Override
    public double cut(int node) {
      return forest.cut(node);
    }

    @Override
    public BitSet categories(int node) {
      return forest.categories(node);
    }
  }

  @Example
  void categoriesBeyondASet_haveNoRanks() {
    String split = "<categories node=\"0\" arity=\"90\">70</categories>";
    assertNull(
        ThresholdIndex.of(forest("<tree>" + split + arrays("1 -1 -1", "0 0 0", 1) + "</tree>")));
  }

  @Example
  void aThresholdThatIsNoNumber_hasNoRank() {
    assertNull(ThresholdIndex.of(forest("<tree>" + arrays("0 -1 -1", "NaN 0 0", 1) + "</tree>")));
  }

  @Example
  void nodesOfTwoParents_haveNoShape() {
    String arrays =
        "<feature>0 0 -1 -1 -1</feature><threshold>1 2 0 0 0</threshold>"
            + "<left>1 2 0 0 0</left><right>2 3 0 0 0</right><value>1 2 3</value>";
    assertNull(LeafSets.Shape.of(forest("<tree>" + arrays + "</tree>")));
  }

  @Example
  void leavesInAnyOrder_areNumberedFromLeftToRight() {
    // The root's right child is a leaf, and is listed before those below its left child.
    String arrays =
        "<feature>0 -1 2 -1 -1</feature><threshold>1 0 2 0 0</threshold>"
            + "<left>2 0 3 0 0</left><right>1 0 4 0 0</right><value>30 10 20</value>";
    Forest forest = forest("<tree>" + arrays + "</tree>");

    assertEquals(true, LeafSets.Shape.of(forest).ordered());
    assertArrayEquals(new int[] {0}, forest.leaves(new double[] {0, 0, 2, 0, 0, 0}));
    assertArrayEquals(new int[] {2}, forest.leaves(new double[] {9, 0, 2, 0, 0, 0}));
  }

  @Example
  void tablesThatWouldBeTooLarge_areNotMade() {
    Random random = new Random(1);
    String trees =
        IntStream.range(0, 40).mapToObj(tree -> tree(random, 9, 40)).collect(Collectors.joining());
    Forest forest = forest(trees);
    ThresholdIndex thresholds = ThresholdIndex.of(forest);

    LeafSets.Shape shape = LeafSets.Shape.of(forest);
    assertNull(LeafSets.of(thresholds, new LeafSets.Shape(shape.leaves(), shape.first(), 1, true)));
    assertEquals(9 * 40, shape.steps());
  }

  @Example
  void forestOfTooLargeTables_isTakenInParts() {
    Random random = new Random(2);
    String trees =
        IntStream.range(0, 301)
            .mapToObj(tree -> wideTree(random, 1 + tree % 5))
            .collect(Collectors.joining());
    Forest forest = forest(trees);
    LeafIndex index = LeafIndex.of(forest);
    int rows = 70;
    double[] x = random.doubles((long) rows * FEATURES, -1.5, 1.5).toArray();

    assertEquals(2, index.partCount());
    for (int from = 0; from < rows; from += LeafIndex.BLOCK) {
      int size = Math.min(LeafIndex.BLOCK, rows - from);
      double[] block = Arrays.copyOfRange(x, from * FEATURES, (from + size) * FEATURES);
      int[] found = index.search(rows).find(block, FEATURES, size);
      for (int row = 0; row < size; row++) {
        double[] one = Arrays.copyOfRange(block, row * FEATURES, (row + 1) * FEATURES);
        int at = row * forest.trees();
        assertArrayEquals(forest.leaves(one), Arrays.copyOfRange(found, at, at + forest.trees()));
      }
    }
  }

  /** A full tree of thresholds that no other has. */
  private static String wideTree(Random random, int depth) {
    int inner = (1 << depth) - 1;
    List<List<String>> columns =
        IntStream.range(0, 5).mapToObj(i -> (List<String>) new ArrayList<String>()).toList();
    for (int node = 0; node <= 2 * inner; node++) {
      boolean splits = node < inner;
      columns.get(0).add(splits ? "" + 2 * random.nextInt(FEATURES / 2) : "-1");
      columns.get(1).add(splits ? "" + random.nextDouble(-1.0, 1.0) : "0");
      columns.get(2).add(splits ? "" + (2 * node + 1) : "0");
      columns.get(3).add(splits ? "" + (2 * node + 2) : "0");
      if (!splits) {
        columns.get(4).add("" + node);
      }
    }
    String[] texts = columns.stream().map(list -> String.join(" ", list)).toArray(String[]::new);
    return ("<tree><feature>%s</feature><threshold>%s</threshold><left>%s</left><right>%s</right>"
            + "<value>%s</value></tree>")
        .formatted((Object[]) texts);
  }

  private static double value(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> Double.NEGATIVE_INFINITY;
      case 3 -> Math.nextUp(VALUES[random.nextInt(VALUES.length)]);
      case 4 -> Math.nextDown(VALUES[random.nextInt(VALUES.length)]);
      case 5, 6 -> random.nextInt(66);
      default -> VALUES[random.nextInt(VALUES.length)];
    };
  }

  private static Forest forest(String trees) {
    String plan = "<plan xmlns=\"urn:pillion:spark-plan\">" + trees + "</plan>";
    Element model = PlanReader.read("1", plan, DocumentLimits.DEFAULT);
    return Forest.of(model, FEATURES, 1);
  }

  /** A full tree whose nodes are numbered from the left, parents first. */
  private static String tree(Random random, int depth, int arity) {
    StringBuilder features = new StringBuilder();
    StringBuilder thresholds = new StringBuilder();
    StringBuilder lefts = new StringBuilder();
    StringBuilder rights = new StringBuilder();
    StringBuilder categories = new StringBuilder();
    int inner = (1 << depth) - 1;
    for (int node = 0; node < 2 * inner + 1; node++) {
      int feature = node < inner ? random.nextInt(FEATURES) : -1;
      double threshold = VALUES[random.nextInt(VALUES.length)];
      features.append(feature).append(' ');
      thresholds.append(threshold).append(' ');
      lefts.append(node < inner ? 2 * node + 1 : 0).append(' ');
      rights.append(node < inner ? 2 * node + 2 : 0).append(' ');
      if (feature % 2 == 1) {
        categories.append("<categories node=\"%d\" arity=\"%d\">".formatted(node, arity));
        random
            .ints(random.nextInt(arity + 1), 0, arity)
            .distinct()
            .forEach(c -> categories.append(c).append(' '));
        categories.append("</categories>");
      }
    }
    String values =
        IntStream.rangeClosed(0, inner).mapToObj(String::valueOf).collect(Collectors.joining(" "));
    return "<tree>%s<feature>%s</feature><threshold>%s</threshold><left>%s</left><right>%s</right><value>%s</value></tree>"
        .formatted(categories, features, thresholds, lefts, rights, values);
  }

  private static String arrays(String feature, String threshold, int left) {
    return "<feature>%s</feature><threshold>%s</threshold><left>%d 0 0</left><right>%d 0 0</right><value>1 2</value>"
        .formatted(feature, threshold, left, left + 1);
  }
}
