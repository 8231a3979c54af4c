package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Origin;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * All products of up to a number of elements, in the order of Spark's recursion: those without the
 * last element, then those with its first power, and so on.
 */
final class PolynomialExpansion {
  private static final int HIGHEST_DEGREE = 100;

  private final int degree;

  /** How many products there are, the empty one included, by degree and elements. */
  private final int[][] sizes;

  private PolynomialExpansion(int elements, int degree) {
    this.degree = degree;
    this.sizes = new int[degree + 1][];
    for (int d = 0; d <= degree; d++) {
      sizes[d] = new int[elements + 1];
      for (int n = 0; n <= elements; n++) {
        sizes[d][n] = n == 0 || d == 0 ? 1 : Math.addExact(sizes[d][n - 1], sizes[d - 1][n]);
      }
    }
  }

  static void compile(Element stage, PlanBuilder plan) {
    int degree = stage.count("degree");
    if (degree < 1) {
      throw new InvalidModel("the plan's polynomial expansion has the degree " + degree);
    }
    if (degree > HIGHEST_DEGREE) {
      throw new UnsupportedElement(
          "polynomialExpansion", "expansion to the degree " + degree + " is not compiled");
    }
    Slot source = plan.vectors(stage.require("in"));
    PolynomialExpansion expansion = new PolynomialExpansion(source.size(), degree);
    int size = expansion.sizes[degree][source.size()] - 1;
    Slot target = VectorStage.add(stage, plan, source, size, expansion::expand);
    plan.origins(
        target,
        element -> {
          List<Origin> parts = new ArrayList<>();
          for (int factor : expansion.factors(source.size(), element)) {
            parts.add(plan.origin(source, factor));
          }
          return parts.size() == 1
              ? parts.get(0)
              : Origin.joint(target.name(), parts.toArray(new Origin[0]));
        });
  }

  private String expand(VectorColumn in, int row, VectorBuilder out) {
    expand(in, row, in.starts()[row + 1] - 1, in.size() - 1, degree, 1.0, out, -1);
    VectorStage.endAlike(in, row, out);
    return null;
  }

  /**
   * Adds the products of the stored elements up to {@code last} with a multiplier; one that is zero
   * adds none.
   *
   * @param element position of the last element that the products may have
   * @param start position of the first product; −1 where that is the empty one, which is left out
   * @return position after the last product
   */
  private int expand(
      VectorColumn in,
      int row,
      int last,
      int element,
      int most,
      double multiplier,
      VectorBuilder out,
      int start) {
    if (multiplier != 0.0) {
      if (most == 0 || last < in.starts()[row]) {
        if (start >= 0) {
          out.add(start, multiplier);
        }
      } else {
        double value = in.values()[last];
        int before = VectorStage.index(in, row, last) - 1;
        double power = multiplier;
        int at = start;
        for (int i = 0; i <= most && power != 0.0; i++) {
          at = expand(in, row, last - 1, before, most - i, power, out, at);
          power *= value;
        }
      }
    }
    return start + sizes[most][element + 1];
  }

  /** The elements that a product is made of. */
  private List<Integer> factors(int elements, int product) {
    List<Integer> factors = new ArrayList<>();
    int rest = product + 1;
    int most = degree;
    for (int n = elements; n > 0 && most > 0; n--) {
      int power = 0;
      while (rest >= sizes[most - power][n - 1]) {
        rest -= sizes[most - power][n - 1];
        power++;
      }
      if (power > 0) {
        factors.add(n - 1);
      }
      most -= power;
    }
    return factors;
  }
}
