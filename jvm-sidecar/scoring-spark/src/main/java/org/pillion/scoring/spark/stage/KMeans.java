package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** The number of the nearest centre, found with the bounds by which Spark skips centres. */
final class KMeans {
  /** From so many centres on, or such a size of the table of bounds, there are no bounds. */
  private static final int MOST_CENTRES = 1000;

  private static final long MOST_WORK = 1_000_000L;

  private final Slot features;
  private final Slot target;
  private final Distance distance;
  private final int centres;

  /** Bounds by pairs of centres, and on the diagonal the least of each; null for none. */
  private final double[][] bounds;

  private KMeans(Slot features, Slot target, Distance distance) {
    this.features = features;
    this.target = target;
    this.distance = distance;
    this.centres = distance.centres();
    boolean bounded =
        centres < MOST_CENTRES && (long) centres * centres * features.size() < MOST_WORK;
    this.bounds = bounded ? bounds() : null;
  }

  static void compile(Element model, PlanBuilder plan) {
    List<Element> centres = model.children("coefficients");
    if (centres.isEmpty()) {
      throw new InvalidModel("the plan's k-means has no centre");
    }
    int size = centres.get(0).count("size");
    Slot features = plan.vectors(model.require("features"), size);
    Slot target = plan.define(model.require("prediction"), SparkType.INTEGER, 0, List.of(features));
    Distance distance = Distance.of(model.require("distance"), plan.blas(), centres, size);
    KMeans clustering = new KMeans(features, target, distance);
    plan.step(List.of(features), List.of(target), clustering::run);
  }

  private double[][] bounds() {
    double[][] table = new double[centres][centres];
    if (centres == 1) {
      table[0][0] = Double.NaN;
      return table;
    }
    for (int i = 0; i < centres; i++) {
      table[i][i] = Double.POSITIVE_INFINITY;
    }
    for (int i = 0; i < centres; i++) {
      for (int j = i + 1; j < centres; j++) {
        double bound = distance.bound(i, j);
        table[i][j] = bound;
        table[j][i] = bound;
        if (bound < table[i][i]) {
          table[i][i] = bound;
        }
        if (bound < table[j][j]) {
          table[j][j] = bound;
        }
      }
    }
    return table;
  }

  private void run(Frame frame) {
    VectorColumn in = frame.vectors(features.id());
    long[] out = new long[frame.rows()];
    for (int row = 0; row < out.length; row++) {
      if (!Classifier.usable(frame, in, row, features)) {
        continue;
      }
      double norm = Distance.norm(in, row);
      if (!distance.takes(norm)) {
        frame.fail(row, features.id(), "k-means has no distance from a vector of norm " + norm);
        continue;
      }
      out[row] = bounds == null ? nearest(in, row, norm) : boundedNearest(in, row, norm);
    }
    frame.set(target.id(), new LongColumn(out, in.nulls()));
  }

  private int nearest(VectorColumn in, int row, double norm) {
    double best = Double.POSITIVE_INFINITY;
    int index = 0;
    for (int i = 0; i < centres; i++) {
      if (distance.least(i, norm) < best) {
        double d = distance.to(i, in, row, norm);
        if (d < best) {
          best = d;
          index = i;
        }
      }
    }
    return index;
  }

  private int boundedNearest(VectorColumn in, int row, double norm) {
    double best = distance.to(0, in, row, norm);
    if (best < bounds[0][0]) {
      return 0;
    }
    int index = 0;
    for (int i = 1; i < centres; i++) {
      if (distance.least(i, norm) < best && bounds[i][index] < best) {
        double d = distance.to(i, in, row, norm);
        if (d < bounds[i][i]) {
          return i;
        }
        if (d < best) {
          best = d;
          index = i;
        }
      }
    }
    return index;
  }
}
