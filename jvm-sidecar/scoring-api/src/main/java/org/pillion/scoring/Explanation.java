package org.pillion.scoring;

import java.util.List;
import java.util.Locale;

/**
 * The parts of one value of an output: {@code base} and the contributions add up to {@code total},
 * up to the rounding of their sum.
 *
 * @param method how it was split
 * @param scale what is split
 * @param base what does not depend on the inputs of the row
 * @param contributions those that are not zero, the largest magnitudes first
 * @param total what the engine computed for the row on this scale
 */
public record Explanation(
    Method method, Scale scale, double base, List<Contribution> contributions, double total) {
  public Explanation {
    contributions = List.copyOf(contributions);
  }

  /** How a value was split. */
  public enum Method {
    /** Each coefficient times the value that it meets; exact. */
    LINEAR,
    /**
     * Along a row's path through each tree: at every split the change of the nodes' values counts
     * for what the split looks at.
     */
    TREE_PATH;

    /** The name used in answers, for example {@code tree_path}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is split. */
  public enum Scale {
    /** A classifier's raw prediction of the output's class. */
    MARGIN,
    /** The probability of the output's class. */
    PROBABILITY,
    /** A predicted number. */
    PREDICTION,
    /** What a generalised linear model's link function is applied to. */
    LINEAR_PREDICTOR;

    /** The name used in answers, for example {@code linear_predictor}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
