package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Values;
import org.pillion.scoring.pmml.tree.TreeFeatures;

/**
 * {@code Segmentation} whose segments vote for a class.
 *
 * <p>Votes are added up segment by segment, and divided by the sum over the classes in the order in
 * which a row's segments have first voted for them; of equals, the first in that order wins.
 */
final class VoteAggregate extends Model {
  private static final int NO_VOTE = -1;

  private final List<Model> models;
  private final List<Map<Object, Integer>> classes;
  private final double[] weights;
  private final boolean returnMissing;
  private final TreeFeatures features;
  private final MathContext math;

  private VoteAggregate(
      ModelContext context,
      Categories categories,
      List<Model> models,
      double[] weights,
      boolean returnMissing,
      TreeFeatures features) {
    super(context.label(), categories);
    this.models = models;
    this.weights = weights;
    this.returnMissing = returnMissing;
    this.features = features;
    this.math = context.math();
    this.classes = new ArrayList<>();
    for (Model model : models) {
      Map<Object, Integer> indices = new HashMap<>();
      model.classes().forEach(key -> indices.put(key, categories.keys().indexOf(key)));
      classes.add(indices);
    }
  }

  static CompiledModel compile(
      ModelContext context,
      Element segmentation,
      List<Element> segments,
      String method,
      boolean returnMissing) {
    if (!context.classification()) {
      throw segmentation.unsupported("multipleModelMethod");
    }
    TreeFeatures features = new TreeFeatures();
    List<Model> models = new ArrayList<>();
    double[] weights = new double[segments.size()];
    Set<Object> keys = new LinkedHashSet<>();
    for (Element segment : segments) {
      weights[models.size()] = context.math().round(ModelAggregate.weight(segment, method));
      Element element = Segment.always(segment, context.scope());
      Model model = ModelCompiler.aggregated(element, context, features);
      if (model.classes() == null
          || model.label().type().data() != context.target().type().data()) {
        throw element.unsupportedUse("its classes are of another type than the predictions");
      }
      keys.addAll(model.classes());
      models.add(model);
    }
    Categories categories = new Categories(context.target().type().data(), new ArrayList<>(keys));
    VoteAggregate aggregate =
        new VoteAggregate(context, categories, models, weights, returnMissing, features);
    context.scope().program().add(aggregate);
    return new CompiledModel(
        aggregate, null, context.target(), true, Map.of(), Map.of(), List.of());
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    boolean[] active = frame.activeRows();
    TreeFeatures.Matrix matrix = features.matrix(frame);
    int[] outcomes = new int[frame.rows()];
    int[][] votes = new int[models.size()][frame.rows()];
    for (int i = 0; i < votes.length; i++) {
      Model model = models.get(i);
      if (model instanceof TreeModel tree) {
        tree.run(frame, matrix, outcomes);
      } else {
        model.run(frame);
      }
      collect(frame.values(model.label()), classes.get(i), votes[i]);
      for (int row = 0; returnMissing && row < frame.rows(); row++) {
        if (votes[i][row] == NO_VOTE) {
          frame.setActive(row, false);
        }
      }
    }
    double[][] byClass = new double[categories().size()][frame.rows()];
    int[] order = new int[byClass.length];
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.isActive(row)) {
        count(frame, row, votes, byClass, order, labels);
      }
      frame.setActive(row, active[row]);
    }
    frame.putProbabilities(label(), byClass);
  }

  private static void collect(Values labels, Map<Object, Integer> indices, int[] votes) {
    for (int row = 0; row < votes.length; row++) {
      if (labels.hasValue(row)) {
        votes[row] =
            indices.get(labels.texts != null ? labels.texts[row] : (Object) labels.numbers[row]);
      } else {
        votes[row] = NO_VOTE;
      }
    }
  }

  private void count(
      Frame frame, int row, int[][] votes, double[][] byClass, int[] order, Values labels) {
    boolean[] seen = new boolean[order.length];
    int count = 0;
    double missing = 0d;
    for (int i = 0; i < votes.length; i++) {
      int voted = votes[i][row];
      if (voted == NO_VOTE) {
        missing = math.round(missing + weights[i]);
        continue;
      }
      if (!seen[voted]) {
        seen[voted] = true;
        order[count++] = voted;
      }
      byClass[voted][row] = math.round(byClass[voted][row] + weights[i]);
    }
    if (count == 0) {
      frame.failPrediction(row, "no segment votes for a class");
      return;
    }
    int winner = winner(row, byClass, Arrays.copyOf(order, count));
    if (Double.compare(missing, byClass[winner][row]) > 0) {
      return;
    }
    double sum = byClass[order[0]][row];
    for (int i = 1; i < count; i++) {
      sum = math.round(sum + byClass[order[i]][row]);
    }
    if (sum == 0d) {
      frame.failPrediction(row, "the weights of all votes are zero");
      return;
    }
    for (int i = 0; i < count && sum != 1d; i++) {
      byClass[order[i]][row] = math.round(byClass[order[i]][row] / sum);
    }
    categories().label(labels, row, winner(row, byClass, Arrays.copyOf(order, count)));
  }

  private static int winner(int row, double[][] byClass, int[] order) {
    int winner = order[0];
    for (int candidate : order) {
      if (Double.compare(byClass[candidate][row], byClass[winner][row]) > 0) {
        winner = candidate;
      }
    }
    return winner;
  }
}
