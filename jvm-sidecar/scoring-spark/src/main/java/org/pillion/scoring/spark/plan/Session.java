package org.pillion.scoring.spark.plan;

import org.pillion.pmml.Element;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.blas.Blas;

/**
 * What of the Spark session decides results.
 *
 * @param blas dense linear algebra
 * @param sparseOverhead bytes by which Spark counts a sparse vector longer than 12 a stored
 *     element, compared with 8 an element of a dense one
 */
public record Session(Blas blas, int sparseOverhead) {
  /**
   * Reads a plan's attributes.
   *
   * @throws UnsupportedElement when Spark ran with a BLAS that is not reproduced
   */
  public static Session of(Element plan) {
    // Spark's version is for people to read.
    plan.attribute("spark", "");
    int overhead = plan.count("sparse-overhead");
    return new Session(Blas.of(plan.require("blas"), plan.count("lanes")), overhead);
  }

  /** Whether Spark keeps a vector of a size with so many elements other than zero as sparse. */
  public boolean sparse(int nonZeros, int size) {
    return 12L * nonZeros + sparseOverhead < 8L * size;
  }
}
