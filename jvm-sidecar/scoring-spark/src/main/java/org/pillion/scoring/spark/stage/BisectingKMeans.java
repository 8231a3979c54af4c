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

/**
 * The number of a leaf of a tree of centres, found from the root on by the nearer of two children.
 */
final class BisectingKMeans {
  private final Slot features;
  private final Slot target;
  private final Distance distance;

  /** Per centre, where its children are, or −1 where it is a leaf. */
  private final int[] lefts;

  private final int[] rights;

  /** Per leaf, its number. */
  private final int[] clusters;

  /** Whether the left child is nearer where a distance is NaN; else NaN is the largest. */
  private final boolean nanFirst;

  private BisectingKMeans(
      Slot features,
      Slot target,
      Distance distance,
      int[] lefts,
      int[] rights,
      int[] clusters,
      boolean nanFirst) {
    this.features = features;
    this.target = target;
    this.distance = distance;
    this.lefts = lefts;
    this.rights = rights;
    this.clusters = clusters;
    this.nanFirst = nanFirst;
  }

  static void compile(Element model, PlanBuilder plan) {
    List<Element> centres = model.children("coefficients");
    if (centres.isEmpty()) {
      throw new InvalidModel("the plan's bisecting k-means has no centre");
    }
    int[] lefts = new int[centres.size()];
    int[] rights = new int[centres.size()];
    int[] clusters = new int[centres.size()];
    for (int i = 0; i < clusters.length; i++) {
      Element centre = centres.get(i);
      boolean leaf = centre.has("cluster");
      lefts[i] = leaf ? -1 : centre.count("left");
      rights[i] = leaf ? -1 : centre.count("right");
      clusters[i] = leaf ? centre.count("cluster") : -1;
      // A child stands behind its parent, so that no path from the root is endless.
      if (!leaf
          && !(inside(lefts[i], i, clusters.length) && inside(rights[i], i, clusters.length))) {
        throw new InvalidModel("the plan's bisecting k-means has a bad child");
      }
    }
    int size = centres.get(0).count("size");
    Slot features = plan.vectors(model.require("features"), size);
    Slot target = plan.define(model.require("prediction"), SparkType.INTEGER, 0, List.of(features));
    Distance distance = Distance.of(model.require("distance"), plan.blas(), centres, size);
    boolean nanFirst = model.flag("nan-first", false);
    plan.step(
        List.of(features),
        List.of(target),
        new BisectingKMeans(features, target, distance, lefts, rights, clusters, nanFirst)::run);
  }

  private static boolean inside(int child, int parent, int count) {
    return child > parent && child < count;
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
        frame.fail(
            row, features.id(), "bisecting k-means has no distance from a vector of norm " + norm);
        continue;
      }
      int at = 0;
      while (lefts[at] >= 0) {
        double left = distance.to(lefts[at], in, row, norm);
        double right = distance.to(rights[at], in, row, norm);
        boolean nearer = nanFirst ? right < left : Double.compare(right, left) < 0;
        at = nearer ? rights[at] : lefts[at];
      }
      out[row] = clusters[at];
    }
    frame.set(target.id(), new LongColumn(out, in.nulls()));
  }
}
