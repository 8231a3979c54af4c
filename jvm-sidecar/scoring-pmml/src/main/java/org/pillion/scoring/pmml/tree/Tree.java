package org.pillion.scoring.pmml.tree;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Scope;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.predicate.Predicate;
import org.pillion.scoring.pmml.predicate.PredicateCompiler;

/** The way from a row to a node of a tree, by the node's outcome. */
public final class Tree {
  /** The row ends at no node. */
  public static final int NONE = -1;

  /** A field that the tree needs has failed, or is missing where nothing says how to go on. */
  public static final int FAILED = -2;

  enum MissingStrategy {
    NULL_PREDICTION,
    LAST_PREDICTION,
    DEFAULT_CHILD,
    NONE,
    /** One that the interpreter does not compute either: it fails the rows that need it. */
    UNKNOWN
  }

  private final TreeNode root;
  private final MissingStrategy missingStrategy;
  private final boolean lastPrediction;
  private final FlatTree flat;

  private Tree(
      TreeNode root, MissingStrategy missingStrategy, boolean lastPrediction, FlatTree flat) {
    this.root = root;
    this.missingStrategy = missingStrategy;
    this.lastPrediction = lastPrediction;
    this.flat = flat;
  }

  public static Tree compile(
      Element element, Scope scope, TreeFeatures features, TreeOutcomes outcomes) {
    element.ignore("splitCharacteristic");
    MissingStrategy missing =
        switch (element.attribute("missingValueStrategy", "none")) {
          case "nullPrediction" -> MissingStrategy.NULL_PREDICTION;
          case "lastPrediction" -> MissingStrategy.LAST_PREDICTION;
          case "defaultChild" -> MissingStrategy.DEFAULT_CHILD;
          case "none" -> MissingStrategy.NONE;
          case "weightedConfidence", "aggregateNodes" -> MissingStrategy.UNKNOWN;
          default -> throw element.unsupported("missingValueStrategy");
        };
    boolean last =
        switch (element.attribute("noTrueChildStrategy", "returnNullPrediction")) {
          case "returnNullPrediction" -> false;
          case "returnLastPrediction" -> true;
          default -> throw element.unsupported("noTrueChildStrategy");
        };
    // It weighs confidences only, which are not supported.
    element.ignore("missingValuePenalty");
    TreeNode root = node(element.requireChild("Node"), scope, outcomes, missing);
    FlatTree flat = FlatTree.compile(root, last, features);
    return new Tree(root, missing, last, flat);
  }

  /** Whether the interpreter can walk the tree without counting missing values. */
  public static boolean isPlain(Element element) {
    return switch (element.attribute("missingValueStrategy", "none")) {
      case "nullPrediction", "lastPrediction", "defaultChild", "none" -> true;
      default -> false;
    };
  }

  private static TreeNode node(
      Element element, Scope scope, TreeOutcomes outcomes, MissingStrategy missing) {
    element.ignore("recordCount");
    int outcome = outcomes.add(element);
    String id = element.attribute("id");
    List<Element> nodes = element.children("Node");
    Predicate predicate = PredicateCompiler.compile(element.requireRemaining("predicate"), scope);
    List<TreeNode> children = new ArrayList<>(nodes.size());
    for (Element child : nodes) {
      children.add(node(child, scope, outcomes, missing));
    }
    int defaultChild = -1;
    if (missing == MissingStrategy.DEFAULT_CHILD && !nodes.isEmpty()) {
      defaultChild = defaultChild(element, nodes);
    } else {
      element.ignore("defaultChild");
    }
    if (outcome < 0 && (nodes.isEmpty() || missing == MissingStrategy.LAST_PREDICTION)) {
      throw element.unsupportedUse(
          "the node "
              + (id == null ? "" : "'" + id + "' ")
              + "may be the result, but has no score");
    }
    return new TreeNode(predicate, children, outcome, defaultChild);
  }

  private static int defaultChild(Element element, List<Element> nodes) {
    String wanted = element.attribute("defaultChild");
    if (wanted == null) {
      throw element.invalid("has no defaultChild, which the tree's missingValueStrategy asks for");
    }
    for (int i = 0; i < nodes.size(); i++) {
      if (wanted.equals(nodes.get(i).attribute("id"))) {
        return i;
      }
    }
    throw element.invalid("has the defaultChild '" + wanted + "', which is none of its children");
  }

  /**
   * Finds the outcomes of all rows of a frame.
   *
   * @param outcomes filled with positions, {@link #NONE} or {@link #FAILED}
   */
  public void walk(Frame frame, TreeFeatures.Matrix matrix, int[] outcomes, Cell cell) {
    if (flat != null) {
      flat.walk(matrix, outcomes);
    }
    for (int row = 0; row < outcomes.length; row++) {
      if (flat == null || !matrix.complete()[row]) {
        outcomes[row] = walk(frame, row, cell);
      }
    }
  }

  private int walk(Frame frame, int row, Cell cell) {
    byte status = root.predicate().test(frame, row, cell);
    if (status != Predicate.TRUE) {
      return status == Predicate.FAILED ? FAILED : NONE;
    }
    TreeNode node = root;
    while (!node.isLeaf()) {
      TreeNode next = null;
      for (TreeNode child : node.children()) {
        status = child.predicate().test(frame, row, cell);
        if (status == Predicate.FAILED) {
          return FAILED;
        }
        if (status == Predicate.UNKNOWN) {
          switch (missingStrategy) {
            case NULL_PREDICTION -> {
              return NONE;
            }
            case LAST_PREDICTION -> {
              return node.outcome();
            }
            case DEFAULT_CHILD -> next = node.children().get(node.defaultChild());
            case NONE -> {}
            case UNKNOWN -> {
              return FAILED;
            }
          }
        } else if (status == Predicate.TRUE) {
          next = child;
        }
        if (next != null) {
          break;
        }
      }
      if (next == null) {
        return lastPrediction ? node.outcome() : NONE;
      }
      node = next;
    }
    return node.outcome();
  }
}
