package org.pillion.scoring.spark.plan;

import org.pillion.scoring.Explanation;
import org.pillion.scoring.spark.column.VectorColumn;

/**
 * How what a model computes is split over the elements of its feature vectors.
 *
 * @param method how
 * @param scale what is split
 * @param features the column of feature vectors
 * @param rule splits one row
 */
public record Attribution(
    Explanation.Method method, Explanation.Scale scale, Slot features, Rule rule) {
  /** Splits one row. */
  @FunctionalInterface
  public interface Rule {
    /**
     * Fills {@code parts}, of the vectors' length, with what each element adds.
     *
     * @param row one that has features and did not fail
     * @param element which element of the column is split; 0 where it has numbers
     * @param parts zeros
     */
    Sum split(VectorColumn features, int row, int element, double[] parts);
  }

  /**
   * What the parts of a row belong to.
   *
   * @param base what no element adds
   * @param total what the model computed
   */
  public record Sum(double base, double total) {}
}
