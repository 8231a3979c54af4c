package org.pillion.scoring.pmml.tree;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.MathContext;

/** The scores of a tree's nodes: numbers, or classes with or without a distribution. */
public final class TreeOutcomes {
  private final DataType keyType;
  private final boolean probabilities;
  private final MathContext math;
  private final List<Double> numbers = new ArrayList<>();
  private final List<Object> labels = new ArrayList<>();
  private final List<double[]> distributions = new ArrayList<>();
  private final List<String> ids = new ArrayList<>();
  private final Set<String> allIds = new HashSet<>();
  private Categories categories;
  private int nodes;

  /**
   * No scores yet.
   *
   * @param keyType type in which nodes name classes, null where their scores are numbers
   * @param probabilities whether the classes' probabilities are asked for
   * @param math precision of scores and shares
   */
  public TreeOutcomes(DataType keyType, boolean probabilities, MathContext math) {
    this.math = math;
    this.keyType = keyType;
    this.probabilities = probabilities;
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
    distributions.add(shares.isEmpty() ? null : distribution(node, shares));
    if (probabilities && shares.isEmpty()) {
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

  private double[] distribution(Element node, List<Element> shares) {
    Categories named = Categories.compile(shares, "value", keyType);
    if (categories == null) {
      categories = named;
    } else if (!categories.equals(named)) {
      throw node.unsupportedUse("its distribution has other classes than those before");
    }
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
      throw node.unsupportedUse("its distribution is empty");
    }
    for (int i = 0; i < values.length && sum != 1d; i++) {
      values[i] = math.round(values[i] / sum);
    }
    return values;
  }

  /** The classes with a probability, or null. */
  public Categories categories() {
    return categories;
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

  public double[][] distributions() {
    return distributions.toArray(new double[0][]);
  }
}
