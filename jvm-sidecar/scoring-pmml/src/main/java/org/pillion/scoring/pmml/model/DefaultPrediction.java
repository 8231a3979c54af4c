package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.Values;

/**
 * {@code TargetValue}s: what a model predicts for the rows for which it has found nothing.
 *
 * @param number for a model of numbers, or null where the elements name none
 * @param priors share of each class for a model of classes, or null where the elements miss one
 */
record DefaultPrediction(
    Model model, Target target, MathContext math, Double number, Map<Object, Double> priors)
    implements Step {

  static DefaultPrediction compile(ModelContext context, Model model) {
    List<Element> elements = context.target().defaults();
    elements.forEach(
        element -> element.ignore("value", "displayValue", "priorProbability", "defaultValue"));
    return context.classification()
        ? classes(context, model, elements)
        : number(context, model, elements);
  }

  private static DefaultPrediction number(
      ModelContext context, Model model, List<Element> elements) {
    boolean one = elements.size() == 1 && elements.get(0).attribute("defaultValue") != null;
    Double number = one ? context.math().round(elements.get(0).finite("defaultValue")) : null;
    return new DefaultPrediction(model, context.target(), context.math(), number, null);
  }

  private static DefaultPrediction classes(
      ModelContext context, Model model, List<Element> elements) {
    MathContext math = context.math();
    DataType type = context.requireKeyType();
    Map<Object, Double> priors = new LinkedHashMap<>();
    boolean complete = true;
    double sum = 0d;
    for (Element element : elements) {
      Object key = Categories.key(element, "value", type);
      double prior = 0d;
      if (element.attribute("priorProbability") == null) {
        complete = false;
      } else {
        prior = math.round(element.finite("priorProbability"));
        sum = math.round(sum + prior);
      }
      if (priors.put(key, prior) != null) {
        throw element.unsupportedUse("it names a class twice");
      }
    }
    if (model.categories() != null && !model.categories().keys().containsAll(priors.keySet())) {
      throw elements.get(0).unsupportedUse("it is for a class that the model does not have");
    }
    if (!complete || sum == 0d) {
      return new DefaultPrediction(model, context.target(), math, null, null);
    }
    if (sum != 1d) {
      double all = sum;
      priors.replaceAll((key, prior) -> math.round(prior / all));
    }
    return new DefaultPrediction(model, context.target(), math, null, priors);
  }

  @Override
  public void run(Frame frame) {
    Values labels = frame.values(model.label());
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.isActive(row) || labels.states[row] != Cell.MISSING) {
        continue;
      }
      if (number != null) {
        target.predict(frame, row, number, labels, math);
      } else if (priors != null) {
        predict(frame, row, labels);
      } else {
        frame.failPrediction(row, "the values of its target say not what to predict by default");
      }
    }
  }

  private void predict(Frame frame, int row, Values labels) {
    List<Object> keys = new ArrayList<>(priors.keySet());
    Object winner = keys.get(0);
    for (Object key : keys) {
      if (Double.compare(priors.get(key), priors.get(winner)) > 0) {
        winner = key;
      }
    }
    new Categories(target.type().data(), keys).label(labels, row, keys.indexOf(winner));
    if (model.categories() != null) {
      double[][] byClass = frame.probabilities(model.label());
      for (int i = 0; i < byClass.length; i++) {
        byClass[i][row] = priors.getOrDefault(model.categories().keys().get(i), 0d);
      }
    }
  }
}
