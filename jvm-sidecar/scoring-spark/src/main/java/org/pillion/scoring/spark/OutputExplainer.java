package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.Contribution;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Attribution;
import org.pillion.scoring.spark.plan.Origin;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Splits the values of one output, and sums the parts of features that have the same inputs. */
final class OutputExplainer {
  /**
   * Features that are made of the same inputs.
   *
   * @param fields the inputs' names
   * @param columns the names of what they were made into
   */
  private record Group(List<String> fields, Set<String> columns) {}

  /**
   * The features in groups.
   *
   * @param groups in the order of their first features
   * @param of per feature, the position of its group
   */
  private record Grouping(List<Group> groups, int[] of) {}

  private final PlanBuilder plan;
  private final FeatureContract contract;
  private final Slot output;
  private final int element;

  /** Null until the first explanation. */
  private volatile Grouping grouping;

  OutputExplainer(PlanBuilder plan, FeatureContract contract, Slot output, int element) {
    this.plan = plan;
    this.contract = contract;
    this.output = output;
    this.element = element;
  }

  /**
   * The attribution of the output.
   *
   * @throws NotExplained when there is none
   */
  private Attribution attribution(String name) {
    Attribution attribution = plan.attribution(output);
    if (attribution == null) {
      throw new NotExplained(
          "the output '%s' is not explained: the column '%s' %s"
              .formatted(name, output.name(), plan.refusal(output)));
    }
    return attribution;
  }

  /** Throws where there is nothing to split. */
  void require(String name) {
    attribution(name);
  }

  /** The rows of a frame in which the plan has run; null for those that failed. */
  List<Explanation> explain(String name, Frame frame) {
    Attribution attribution = attribution(name);
    VectorColumn features = frame.vectors(attribution.features().id());
    Grouping grouped = grouping(attribution.features());
    List<Explanation> explanations = new ArrayList<>(frame.rows());
    double[] parts = new double[features.size()];
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.failed(row)) {
        explanations.add(null);
        continue;
      }
      Arrays.fill(parts, 0.0);
      Attribution.Sum sum = attribution.rule().split(features, row, element, parts);
      explanations.add(explanation(attribution, grouped, sum, parts));
    }
    return explanations;
  }

  private static Explanation explanation(
      Attribution attribution, Grouping grouping, Attribution.Sum sum, double[] parts) {
    double[] sums = new double[grouping.groups.size()];
    for (int i = 0; i < parts.length; i++) {
      sums[grouping.of[i]] += parts[i];
    }
    double base = sum.base();
    List<Contribution> contributions = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      Group group = grouping.groups.get(i);
      if (group.fields.isEmpty()) {
        base += sums[i];
      } else if (sums[i] != 0.0) {
        contributions.add(new Contribution(group.fields, List.copyOf(group.columns), sums[i]));
      }
    }
    contributions.sort(Comparator.comparingDouble((Contribution c) -> -Math.abs(c.value())));
    return new Explanation(
        attribution.method(), attribution.scale(), base, contributions, sum.total());
  }

  private Grouping grouping(Slot features) {
    Grouping known = grouping;
    if (known != null) {
      return known;
    }
    Map<List<Integer>, Integer> positions = new HashMap<>();
    List<Group> groups = new ArrayList<>();
    int[] of = new int[features.size()];
    for (int i = 0; i < of.length; i++) {
      Origin origin = plan.origin(features, i);
      List<Integer> inputs = Arrays.stream(origin.inputs()).boxed().toList();
      Integer position = positions.putIfAbsent(inputs, groups.size());
      if (position == null) {
        List<String> fields = inputs.stream().map(at -> contract.inputs().get(at).name()).toList();
        groups.add(new Group(fields, new LinkedHashSet<>()));
      }
      of[i] = position == null ? groups.size() - 1 : position;
      if (!origin.column().isEmpty()) {
        groups.get(of[i]).columns.add(origin.column());
      }
    }
    grouping = new Grouping(groups, of);
    return grouping;
  }
}
