package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;
import org.pillion.scoring.pmml.predicate.Predicate;

/** {@code RuleSetModel}: the class of the first rule that fits, or of the weightiest ones. */
final class RuleSetModel extends Model {
  private enum Criterion {
    FIRST_HIT,
    WEIGHTED_SUM,
    WEIGHTED_MAX
  }

  /** A class that some rules of a row are for, and how sure they are. */
  private record Verdict(Rule winner, double confidence) {}

  private final Criterion criterion;
  private final List<Rule> rules;
  private final Rule otherwise;
  private final Categories scores;
  private final Map<Integer, Field> confidences = new LinkedHashMap<>();
  private Field predictedConfidence;
  private Field entity;

  private RuleSetModel(
      ModelContext context,
      Criterion criterion,
      List<Rule> rules,
      Rule otherwise,
      Categories scores) {
    super(context.label(), null);
    this.criterion = criterion;
    this.rules = rules;
    this.otherwise = otherwise;
    this.scores = scores;
  }

  static Model compile(ModelContext context) {
    if (!context.classification()) {
      throw context.element().unsupported("functionName");
    }
    Element element = context.element().requireChild("RuleSet");
    element.ignore("recordCount", "nbCorrect");
    element.ignoreChildren("ScoreDistribution");
    List<Element> methods = element.children("RuleSelectionMethod");
    if (methods.isEmpty()) {
      throw element.invalid("has no RuleSelectionMethod");
    }
    // The first one counts.
    methods.forEach(method -> method.ignore("criterion"));
    Criterion criterion =
        switch (methods.get(0).require("criterion")) {
          case "firstHit" -> Criterion.FIRST_HIT;
          case "weightedSum" -> Criterion.WEIGHTED_SUM;
          case "weightedMax" -> Criterion.WEIGHTED_MAX;
          default -> throw methods.get(0).unsupported("criterion");
        };
    RuleReader reader = new RuleReader(context);
    element.ignore("defaultScore", "defaultConfidence");
    Rule otherwise = null;
    if (element.attribute("defaultScore") != null
        && element.attribute("defaultConfidence") != null) {
      double confidence = element.finite("defaultConfidence");
      otherwise = new Rule(null, reader.score(element, "defaultScore"), null, confidence, 1d, null);
    }
    List<Rule> rules = reader.rules(element.remaining());
    return new RuleSetModel(context, criterion, rules, otherwise, reader.classes());
  }

  @Override
  List<Object> classes() {
    return scores.keys();
  }

  @Override
  Field result(ModelContext context, String feature, Element output) {
    switch (feature) {
      case "entityId" -> {
        requireFirst(output);
        if (entity == null) {
          entity = context.scope().program().field("rule", ValueType.CATEGORICAL_STRING);
        }
        return entity;
      }
      case "confidence" -> {
        if (output.attribute("value") != null) {
          return confidences.computeIfAbsent(
              scores.indexOf(output, "value"), unused -> confidence(context));
        }
        if (predictedConfidence == null) {
          predictedConfidence = confidence(context);
        }
        return predictedConfidence;
      }
      default -> {
        return null;
      }
    }
  }

  private static Field confidence(ModelContext context) {
    return context.scope().program().field("confidence", ValueType.CONTINUOUS_DOUBLE);
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    if (entity != null) {
      start(frame, entity);
    }
    if (predictedConfidence != null) {
      start(frame, predictedConfidence);
    }
    confidences.values().forEach(field -> start(frame, field));
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      Map<Integer, List<Rule>> fired = new LinkedHashMap<>();
      if (!frame.isActive(row) || !fire(frame, row, rules, fired, cell)) {
        continue;
      }
      if (!fired.isEmpty()) {
        predict(frame, row, verdicts(fired), labels);
      } else if (otherwise != null) {
        Verdict verdict = new Verdict(otherwise, otherwise.confidence());
        predict(frame, row, Map.of(otherwise.score(), verdict), labels);
      } else {
        frame.failPrediction(row, "no rule fits, and there is no default");
      }
    }
  }

  /** Collects the rules that fit, by class in the order of their coming; false where it fails. */
  private static boolean fire(
      Frame frame, int row, List<Rule> rules, Map<Integer, List<Rule>> fired, Cell cell) {
    for (Rule rule : rules) {
      byte status = rule.predicate().test(frame, row, cell);
      if (status == Predicate.FAILED) {
        frame.failPrediction(row, cell.reason);
        return false;
      }
      if (status != Predicate.TRUE) {
        continue;
      }
      if (rule.parts() == null) {
        fired.computeIfAbsent(rule.score(), unused -> new ArrayList<>()).add(rule);
      } else if (!fire(frame, row, rule.parts(), fired, cell)) {
        return false;
      }
    }
    return true;
  }

  private Map<Integer, Verdict> verdicts(Map<Integer, List<Rule>> fired) {
    int count = fired.values().stream().mapToInt(List::size).sum();
    Map<Integer, Verdict> verdicts = new LinkedHashMap<>();
    fired.forEach((score, group) -> verdicts.put(score, verdict(group, count)));
    return verdicts;
  }

  private Verdict verdict(List<Rule> group, int count) {
    Rule winner = group.get(0);
    if (criterion == Criterion.FIRST_HIT) {
      return new Verdict(winner, winner.confidence());
    }
    double sum = 0d;
    for (Rule rule : group) {
      if (Double.compare(winner.weight(), rule.weight()) < 0) {
        winner = rule;
      }
      sum += rule.weight();
    }
    double confidence = criterion == Criterion.WEIGHTED_SUM ? sum / count : winner.confidence();
    return new Verdict(winner, confidence);
  }

  /** Of verdicts of equal confidence the first one counts, and by first hit it always does. */
  private void predict(Frame frame, int row, Map<Integer, Verdict> verdicts, Values labels) {
    Verdict best = null;
    for (Verdict verdict : verdicts.values()) {
      if (best == null
          || criterion != Criterion.FIRST_HIT
              && Double.compare(verdict.confidence(), best.confidence()) > 0) {
        best = verdict;
      }
    }
    scores.label(labels, row, best.winner().score());
    if (entity != null && best.winner().id() != null) {
      Values values = frame.values(entity);
      values.texts[row] = best.winner().id();
      values.states[row] = Cell.VALID;
    }
    if (predictedConfidence != null) {
      set(frame.values(predictedConfidence), row, best);
    }
    confidences.forEach((score, field) -> set(frame.values(field), row, verdicts.get(score)));
  }

  private static void set(Values values, int row, Verdict verdict) {
    values.numbers[row] = verdict == null ? 0d : verdict.confidence();
    values.states[row] = Cell.VALID;
  }
}
