package org.pillion.scoring.pmml.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.MathContext;

/** The scores of a tree's nodes: numbers, or classes with or without a distribution. */
public final class TreeOutcomes {
  /** What becomes of the distributions of nodes. */
  public enum Use {
    /** Nobody sees them. */
    NONE,
    /** The interpreter computes them, but does not return them. */
    HIDDEN,
    /** They are the probabilities of classes. */
    PROBABILITIES
  }

  /** The distribution of a node whose counts are all zero, which is no result. */
  public static final double[] EMPTY = {};

  private final DataType keyType;
  private final Use use;
  private final MathContext math;
  private final List<Double> numbers = new ArrayList<>();
  private final List<Object> labels = new ArrayList<>();
  private final List<Map<Object, Double>> distributions = new ArrayList<>();
  private final List<String> ids = new ArrayList<>();
  private final Set<String> allIds = new HashSet<>();
  private Categories first;
  private final Set<Object> classes = new LinkedHashSet<>();
  private boolean uniform = true;
  private int nodes;

  /**
   * No scores yet.
   *
   * @param keyType type in which nodes name classes, null where their scores are numbers
   * @param use what becomes of distributions
   * @param math precision of scores and shares
   */
  public TreeOutcomes(DataType keyType, Use use, MathContext math) {
    this.math = math;
    this.keyType = keyType;
    this.use = use;
  }

  /** Takes a node's score; returns its position, or -1 where it has none. */
  int add(Element node) {
    nodes++;
    String id = node.attribute("id", Integer.toString(nodes));
    allIds.add(id);
    int outcome = outcome(node);
    if (outcome >= 0) {
      ids.add(id);
    }
    return outcome;
  }

  private int outcome(Element node) {
    List<Element> shares = node.children("ScoreDistribution");
    if (node.attribute("score") == null) {
      if (!shares.isEmpty()) {
        throw node.unsupportedUse("it has a distribution, but no score");
      }
      return -1;
    }
    if (keyType == null) {
      if (!shares.isEmpty()) {
        throw shares.get(0).unsupported();
      }
      numbers.add(score(node));
      return numbers.size() - 1;
    }
    labels.add(Categories.key(node, "score", keyType));
    if (use == Use.NONE) {
      shares.forEach(share -> share.ignore("value", "recordCount", "probability", "confidence"));
      return labels.size() - 1;
    }
    distributions.add(shares.isEmpty() ? null : distribution(node, shares));
    if (use == Use.PROBABILITIES && shares.isEmpty()) {
      throw node.unsupportedUse("it has no distribution, but probabilities are asked for");
    }
    return labels.size() - 1;
  }

  /** A score, which is read in the model's precision: not first as a double. */
  private double score(Element node) {
    double score = node.finite("score") + 0d;
    if (math == MathContext.FLOAT) {
      score = Float.parseFloat(node.require("score")) + 0f;
      if (Double.isInfinite(score)) {
        throw node.unsupported("score");
      }
    }
    return score;
  }

  private Map<Object, Double> distribution(Element node, List<Element> shares) {
    Categories named = Categories.compile(shares, "value", keyType);
    first = first == null ? named : first;
    uniform &= first.equals(named);
    classes.addAll(named.keys());
    String attribute =
        shares.get(0).attribute("probability") != null ? "probability" : "recordCount";
    double[] values = new double[shares.size()];
    double sum = 0d;
    for (int i = 0; i < values.length; i++) {
      Element share = shares.get(i);
      // Confidences serve outputs only that are not supported.
      share.ignore("recordCount", "confidence");
      values[i] = math.round(share.finite(attribute));
      if (attribute.equals("probability") && (values[i] < 0d || values[i] > 1d)) {
        throw share.invalid("has a probability outside of 0 to 1");
      }
      sum = math.round(sum + values[i]);
    }
    if (sum == 0d) {
      if (use != Use.PROBABILITIES) {
        throw node.unsupportedUse("its distribution is empty");
      }
      return Map.of();
    }
    Map<Object, Double> distribution = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      double share = sum == 1d ? values[i] : math.round(values[i] / sum);
      distribution.put(named.keys().get(i), share);
    }
    return distribution;
  }

  /** The classes with a probability, or null. */
  public Categories categories() {
    return first == null ? null : new Categories(keyType, new ArrayList<>(classes));
  }

  /** Whether all distributions are of the same classes, and none is empty. */
  public boolean isUniform() {
    return uniform && !distributions.contains(Map.<Object, Double>of());
  }

  /**
   * What the nodes with a score are known by: their ids or numbers; null where two are the same.
   */
  public String[] ids() {
    return allIds.size() == nodes ? ids.toArray(new String[0]) : null;
  }

  public double[] numbers() {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  public Object[] labels() {
    return labels.toArray();
  }

  /** The shares of the classes by outcome; null for a node without, or {@link #EMPTY}. */
  public double[][] distributions() {
    double[][] shares = new double[labels.size()][];
    for (int i = 0; i < distributions.size(); i++) {
      Map<Object, Double> distribution = distributions.get(i);
      if (distribution != null) {
        shares[i] =
            distribution.isEmpty()
                ? EMPTY
                : classes.stream().mapToDouble(c -> distribution.getOrDefault(c, 0d)).toArray();
      }
    }
    return shares;
  }
}
