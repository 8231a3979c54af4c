package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Values;
import org.pillion.scoring.pmml.predicate.ConstantPredicate;
import org.pillion.scoring.pmml.predicate.Predicate;
import org.pillion.scoring.pmml.tree.TreeFeatures;

/** {@code Segmentation} whose segments' predictions are added up, or averaged. */
final class ModelAggregate extends Model {
  /** The divisor of a row that no segment is for. */
  private static final double NONE = -1d;

  private final Target target;
  private final List<Model> models;
  private final Predicate[] predicates;
  private final boolean conditional;
  private final double[] weights;
  private final boolean weighted;
  private final boolean average;
  private final double divisor;
  private final boolean returnMissing;
  private final TreeFeatures features;
  private final MathContext math;

  private ModelAggregate(
      ModelContext context,
      Categories categories,
      List<Model> models,
      Predicate[] predicates,
      double[] weights,
      String method,
      boolean returnMissing,
      TreeFeatures features) {
    super(context.label(), categories);
    this.target = context.target();
    this.models = models;
    this.predicates = predicates;
    this.conditional = Arrays.stream(predicates).anyMatch(p -> p != ConstantPredicate.ALWAYS);
    this.weights = weights;
    this.weighted = method.startsWith("weighted");
    this.average = method.endsWith("verage");
    this.returnMissing = returnMissing;
    this.features = features;
    this.math = context.math();
    double sum = 0d;
    for (double weight : weights) {
      sum = math.round(sum + weight);
    }
    this.divisor = weighted ? sum : math.round(models.size());
  }

  static CompiledModel compile(
      ModelContext context,
      Element segmentation,
      List<Element> segments,
      String method,
      boolean returnMissing) {
    boolean averages = method.endsWith("verage");
    if (context.classification() && !averages) {
      throw segmentation.unsupported("multipleModelMethod");
    }
    if (!context.classification()) {
      context.requireNumberTarget();
    }
    TreeFeatures features = new TreeFeatures();
    List<Model> models = new ArrayList<>();
    double[] weights = new double[segments.size()];
    Predicate[] predicates = new Predicate[weights.length];
    Categories categories = null;
    for (Element segment : segments) {
      weights[models.size()] = context.math().round(weight(segment, method));
      Segment read = Segment.compile(segment, context.scope());
      Element element = read.model();
      Model model = ModelCompiler.aggregated(element, context, features);
      if (context.classification() && !model.sameClasses()) {
        throw element.unsupportedUse("each row has probabilities of other classes");
      }
      if (context.classification()) {
        categories = categories == null ? model.categories() : categories;
        if (categories == null || !categories.equals(model.categories())) {
          throw element.unsupportedUse("its classes are not those of the first segment");
        }
      } else if (model.label().type().data() != DataType.DOUBLE
          && model.label().type().data() != DataType.FLOAT) {
        throw element.unsupportedUse("its predictions are neither floats nor doubles");
      }
      models.add(model);
      predicates[models.size() - 1] = read.predicate();
      if (!read.isAlways() && context.classification()) {
        throw segment.unsupportedUse("not every row has its probabilities");
      }
    }
    ModelAggregate aggregate =
        new ModelAggregate(
            context, categories, models, predicates, weights, method, returnMissing, features);
    if (aggregate.divisor == 0d) {
      throw segmentation.unsupportedUse("its weights add up to zero");
    }
    context.scope().program().add(aggregate);
    return new CompiledModel(
        aggregate, null, context.target(), context.classification(), Map.of(), Map.of(), List.of());
  }

  static double weight(Element segment, String method) {
    if (!method.startsWith("weighted")) {
      segment.ignore("weight");
      return 1d;
    }
    double weight = segment.finite("weight", 1d);
    if (weight < 0d) {
      throw segment.invalid("has a negative weight");
    }
    return weight;
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    boolean[] active = frame.activeRows();
    TreeFeatures.Matrix matrix = features.matrix(frame);
    int[] outcomes = new int[frame.rows()];
    boolean[] missing = new boolean[frame.rows()];
    double[][] sums = new double[categories() == null ? 1 : categories().size()][frame.rows()];
    double[] divisors = new double[frame.rows()];
    Arrays.fill(divisors, conditional ? NONE : divisor);
    for (int i = 0; i < models.size(); i++) {
      Model model = models.get(i);
      if (conditional) {
        runWhereItFits(frame, i, missing, sums[0], divisors);
        retire(frame, missing);
        continue;
      }
      if (model instanceof TreeModel tree && tree.canAccumulate()) {
        // A weight of one changes nothing.
        double weight = weighted ? weights[i] : 1d;
        tree.accumulate(frame, matrix, outcomes, weight, sums, missing, math);
      } else {
        model.run(frame);
        note(frame, model, missing);
        add(frame, model, weights[i], sums);
      }
      retire(frame, missing);
    }
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.isActive(row) && !missing[row] && divisors[row] != NONE) {
        predict(frame, row, sums, divisors[row], labels);
      }
      frame.setActive(row, active[row]);
    }
    if (categories() != null) {
      frame.putProbabilities(label(), sums);
    }
  }

  /**
   * Runs a segment for the rows that its predicate lets in.
   *
   * @param divisors sum of the weights of a row's segments so far, {@link #NONE} before the first
   */
  private void runWhereItFits(
      Frame frame, int index, boolean[] missing, double[] sums, double[] divisors) {
    boolean[] active = frame.activeRows();
    boolean[] fits = Segment.fits(frame, predicates[index]);
    for (int row = 0; row < fits.length; row++) {
      frame.setActive(row, fits[row]);
    }
    Model model = models.get(index);
    model.run(frame);
    Values values = frame.values(model.label());
    for (int row = 0; row < fits.length; row++) {
      frame.setActive(row, active[row]);
      if (fits[row]) {
        missing[row] |= values.states[row] == Cell.MISSING;
        double weight = weights[index];
        divisors[row] = divisors[row] == NONE ? weight : math.round(divisors[row] + weight);
        double value = math.round(values.numbers[row]);
        boolean plain = !weighted || weight == 1d;
        sums[row] = math.round(sums[row] + (plain ? value : math.round(weight * value)));
      }
    }
  }

  /** Notes the rows without a prediction, which have no result, whatever comes after. */
  private static void note(Frame frame, Model model, boolean[] missing) {
    byte[] states = frame.values(model.label()).states;
    for (int row = 0; row < missing.length; row++) {
      missing[row] |= states[row] == Cell.MISSING;
    }
  }

  private void retire(Frame frame, boolean[] missing) {
    for (int row = 0; returnMissing && row < missing.length; row++) {
      if (missing[row]) {
        frame.setActive(row, false);
      }
    }
  }

  private void add(Frame frame, Model model, double weight, double[][] sums) {
    if (categories() == null) {
      add(frame.values(model.label()).numbers, weight, sums[0]);
      return;
    }
    double[][] byClass = frame.probabilities(model.label());
    for (int i = 0; i < sums.length; i++) {
      add(byClass[i], weight, sums[i]);
    }
  }

  private void add(double[] values, double weight, double[] sums) {
    if (weighted && weight != 1d) {
      for (int row = 0; row < sums.length; row++) {
        sums[row] = math.round(sums[row] + math.round(weight * math.round(values[row])));
      }
    } else {
      for (int row = 0; row < sums.length; row++) {
        sums[row] = math.round(sums[row] + math.round(values[row]));
      }
    }
  }

  private void predict(Frame frame, int row, double[][] sums, double divided, Values labels) {
    if (average) {
      if (divided == 0d) {
        frame.failPrediction(row, "the weights of its segments add up to zero");
        return;
      }
      for (double[] sum : sums) {
        sum[row] = math.round(sum[row] / divided);
      }
    }
    if (categories() == null) {
      target.predict(frame, row, sums[0][row], labels, math);
    } else {
      categories().labelWinner(labels, row, sums);
    }
  }
}
