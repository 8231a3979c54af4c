package org.pillion.scoring.pmml.model;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;
import org.pillion.scoring.pmml.tree.Tree;
import org.pillion.scoring.pmml.tree.TreeFeatures;
import org.pillion.scoring.pmml.tree.TreeOutcomes;

/** {@code TreeModel}. */
final class TreeModel extends Model {
  private static final String FAILED_FIELD = "a field that a tree asks for has no valid value";

  private final Target target;
  private final TreeFeatures features;
  private final Tree tree;
  private final double[] numbers;
  private final Object[] labels;
  private final double[][] distributions;
  private final boolean uniform;
  private final String[] ids;
  private final MathContext math;
  private Field entity;

  private TreeModel(ModelContext context, TreeFeatures features, Tree tree, TreeOutcomes outcomes) {
    super(context.label(), outcomes.categories());
    this.target = context.target();
    this.features = features;
    this.tree = tree;
    this.numbers = context.classification() ? null : outcomes.numbers();
    this.labels = outcomes.labels();
    this.distributions = outcomes.distributions();
    this.uniform = outcomes.isUniform();
    this.ids = outcomes.ids();
    this.math = context.math();
  }

  /**
   * Compiles a tree.
   *
   * @param features columns that it shares with other trees, or will
   */
  static TreeModel compile(ModelContext context, TreeFeatures features) {
    if (!context.classification()) {
      context.requireNumberTarget();
    }
    TreeOutcomes outcomes =
        new TreeOutcomes(
            context.classification() ? context.requireKeyType() : null,
            use(context),
            context.math());
    Tree tree = Tree.compile(context.element(), context.scope(), features, outcomes);
    return new TreeModel(context, features, tree, outcomes);
  }

  /** The interpreter has a plainer way where nothing but predictions is asked for. */
  private static TreeOutcomes.Use use(ModelContext context) {
    if (context.probabilities()) {
      return TreeOutcomes.Use.PROBABILITIES;
    }
    boolean plain =
        context.plain()
            && context.element().child("Targets") == null
            && Tree.isPlain(context.element());
    return plain ? TreeOutcomes.Use.NONE : TreeOutcomes.Use.HIDDEN;
  }

  @Override
  boolean sameClasses() {
    return uniform;
  }

  @Override
  List<Object> classes() {
    return numbers == null ? Arrays.stream(labels).distinct().toList() : null;
  }

  @Override
  Field result(ModelContext context, String feature, Element output) {
    if (!feature.equals("entityId") || ids == null) {
      return null;
    }
    requireFirst(output);
    if (entity == null) {
      entity = context.scope().program().field("node", ValueType.CATEGORICAL_STRING);
    }
    return entity;
  }

  @Override
  public void run(Frame frame) {
    run(frame, features.matrix(frame), new int[frame.rows()]);
  }

  /** Runs on columns that have been gathered before. */
  void run(Frame frame, TreeFeatures.Matrix matrix, int[] outcomes) {
    Values predictions = start(frame);
    Values nodes = entity == null ? null : start(frame, entity);
    Cell cell = new Cell();
    tree.walk(frame, matrix, outcomes, cell);
    double[][] byClass =
        categories() == null ? null : new double[categories().size()][frame.rows()];
    for (int row = 0; row < outcomes.length; row++) {
      if (!frame.isActive(row)) {
        continue;
      }
      if (outcomes[row] == Tree.FAILED) {
        frame.failPrediction(row, FAILED_FIELD);
      } else if (outcomes[row] != Tree.NONE) {
        predict(frame, row, outcomes[row], predictions, byClass);
        if (nodes != null && !frame.isFailed(row)) {
          nodes.texts[row] = ids[outcomes[row]];
          nodes.states[row] = Cell.VALID;
        }
      }
    }
    if (byClass != null) {
      frame.putProbabilities(label(), byClass);
    }
  }

  /** Whether {@link #accumulate} does what running and adding up would do. */
  boolean canAccumulate() {
    return numbers == null
        ? categories() != null && uniform && !Arrays.asList(distributions).contains(null)
        : target.rescaling() == null && target.type().data() == DataType.DOUBLE;
  }

  /**
   * Adds the tree's numbers or distributions to sums, without predictions of its own.
   *
   * @param missing marked where a row has no outcome
   * @param precision precision of the sums
   */
  void accumulate(
      Frame frame,
      TreeFeatures.Matrix matrix,
      int[] outcomes,
      double weight,
      double[][] sums,
      boolean[] missing,
      MathContext precision) {
    tree.walk(frame, matrix, outcomes, frame.scratch);
    for (int row = 0; row < outcomes.length; row++) {
      int outcome = outcomes[row];
      if (outcome >= 0) {
        if (numbers != null) {
          sums[0][row] = sum(sums[0][row], weight, numbers[outcome], precision);
        } else {
          double[] distribution = distributions[outcome];
          for (int i = 0; i < distribution.length; i++) {
            sums[i][row] = sum(sums[i][row], weight, distribution[i], precision);
          }
        }
      } else if (outcome == Tree.NONE) {
        missing[row] = true;
      } else if (frame.isActive(row)) {
        frame.failPrediction(row, FAILED_FIELD);
      }
    }
  }

  private static double sum(double sum, double weight, double value, MathContext precision) {
    return precision == MathContext.DOUBLE
        ? sum + weight * value
        : (float) (sum + (float) (weight * (float) value));
  }

  private void predict(Frame frame, int row, int outcome, Values predictions, double[][] byClass) {
    if (numbers != null) {
      target.predict(frame, row, numbers[outcome], predictions, math);
      return;
    }
    if (distributions[outcome] == TreeOutcomes.EMPTY) {
      frame.failPrediction(row, "the distribution of its node is empty");
      return;
    }
    if (predictions.texts != null) {
      predictions.texts[row] = (String) labels[outcome];
    } else {
      predictions.numbers[row] = (Double) labels[outcome];
    }
    predictions.states[row] = Cell.VALID;
    if (byClass != null && distributions[outcome] != null) {
      double[] distribution = distributions[outcome];
      for (int i = 0; i < distribution.length; i++) {
        byClass[i][row] = distribution[i];
      }
    }
  }
}
