package org.pillion.differential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Random trees as objects, which are walked as one would on paper, and written as plans. */
final class GeneratedForest {
  /** Elements of the features: numbers, and at the end the index of one of three labels. */
  static final int FEATURES = 5;

  private static final int ARITY = 4;

  /**
   * A node.
   *
   * @param split the feature that is looked at; −1 in a leaf
   * @param lefts the categories that go left; null where a threshold decides
   * @param values counts of classes, or one number
   */
  private record Node(
      int split, double threshold, List<Integer> lefts, Node left, Node right, double[] values) {
    Node next(double[] x) {
      boolean goesLeft = lefts == null ? x[split] <= threshold : lefts.contains((int) x[split]);
      return goesLeft ? left : right;
    }

    double value(int index) {
      double sum = Arrays.stream(values).sum();
      return values.length == 1 ? values[0] : values[index] / sum;
    }
  }

  private final Random random;
  private final int classes;
  private final List<Node> trees = new ArrayList<>();

  /** Trees of some classes; of numbers where there are none. */
  GeneratedForest(Random random, int trees, int classes) {
    this.random = random;
    this.classes = classes;
    for (int i = 0; i < trees; i++) {
      this.trees.add(grow(random.nextInt(5)));
    }
  }

  private Node grow(int depth) {
    if (depth == 0 || random.nextInt(6) == 0) {
      double[] values =
          classes == 0
              ? new double[] {random.nextGaussian()}
              : random.ints(classes, 0, 20).asDoubleStream().toArray();
      values[random.nextInt(values.length)] += 1;
      return new Node(-1, 0, null, null, null, values);
    }
    Node left = grow(depth - 1);
    Node right = grow(depth - 1);
    int split = random.nextInt(FEATURES);
    List<Integer> lefts = split == FEATURES - 1 ? List.of(random.nextInt(3)) : null;
    double[] values = new double[left.values.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = classes == 0 ? random.nextGaussian() : left.values[i] + right.values[i];
    }
    double threshold = lefts == null ? random.nextGaussian() : 0.0;
    return new Node(split, threshold, lefts, left, right, values);
  }

  int size() {
    return trees.size();
  }

  /** The value of the roots of a tree. */
  double base(int tree, int index) {
    return trees.get(tree).value(index);
  }

  /** The value of the leaf that features lead to. */
  double leaf(int tree, int index, double[] x) {
    Node node = trees.get(tree);
    while (node.split >= 0) {
      node = node.next(x);
    }
    return node.value(index);
  }

  /** The sum of the changes at the splits of a tree on a feature. */
  double changes(int tree, int index, double[] x, int feature) {
    double sum = 0;
    Node node = trees.get(tree);
    while (node.split >= 0) {
      Node next = node.next(x);
      sum += node.split == feature ? next.value(index) - node.value(index) : 0;
      node = next;
    }
    return sum;
  }

  /** The plan's elements. */
  String text(boolean withInner) {
    StringBuilder text = new StringBuilder();
    for (Node tree : trees) {
      List<Node> nodes = new ArrayList<>();
      collect(tree, nodes);
      text.append("<tree>");
      for (int i = 0; i < nodes.size(); i++) {
        if (nodes.get(i).lefts != null) {
          text.append("<categories node='%d' arity='%d'>".formatted(i, ARITY))
              .append(nodes.get(i).lefts.get(0) + "</categories>");
        }
      }
      text.append(PlanText.wholes("feature", nodes.stream().mapToInt(Node::split)))
          .append(PlanText.numbers("threshold", nodes.stream().mapToDouble(Node::threshold)))
          .append(PlanText.wholes("left", nodes.stream().mapToInt(n -> at(nodes, n.left))))
          .append(PlanText.wholes("right", nodes.stream().mapToInt(n -> at(nodes, n.right))))
          .append(values("value", nodes, true));
      if (classes == 0 && withInner) {
        text.append(values("inner", nodes, false));
      }
      text.append("</tree>");
    }
    return text.toString();
  }

  private static String values(String name, List<Node> nodes, boolean leaves) {
    return PlanText.numbers(
        name,
        nodes.stream()
            .filter(node -> node.split < 0 == leaves)
            .flatMapToDouble(node -> Arrays.stream(node.values)));
  }

  private static void collect(Node node, List<Node> into) {
    into.add(node);
    if (node.split >= 0) {
      collect(node.left, into);
      collect(node.right, into);
    }
  }

  private static int at(List<Node> nodes, Node wanted) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i) == wanted) {
        return i;
      }
    }
    return -1;
  }
}
