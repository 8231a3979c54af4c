package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Program;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.Values;
import org.pillion.scoring.pmml.predicate.ConstantPredicate;
import org.pillion.scoring.pmml.predicate.Predicate;

/** {@code Segmentation} whose first segment that a row fits has the result. */
final class SelectFirst extends Model {
  /**
   * A segment.
   *
   * @param before computes the fields that its predicate asks for and none before has asked for
   * @param steps its model
   */
  private record Choice(
      List<Step> before, Predicate predicate, List<Step> steps, CompiledModel compiled) {
    Field label() {
      return compiled.model().label();
    }
  }

  /** What a segment with a missing prediction makes of its row. */
  private enum Treatment {
    CONTINUE,
    SKIP
  }

  private final List<Choice> choices;
  private final Treatment treatment;
  private final Map<String, Field> results;

  private SelectFirst(
      ModelContext context,
      Categories categories,
      List<Choice> choices,
      Treatment treatment,
      Map<String, Field> results) {
    super(context.label(), categories);
    this.choices = choices;
    this.treatment = treatment;
    this.results = results;
  }

  static CompiledModel compile(ModelContext context, Element segmentation, List<Element> segments) {
    Treatment treatment =
        switch (segmentation.attribute("missingPredictionTreatment", "continue")) {
          // A missing result of the segment, or of the segmentation: callers see the same.
          case "continue" -> Treatment.CONTINUE;
          case "skipSegment" -> Treatment.SKIP;
          default -> throw segmentation.unsupported("missingPredictionTreatment");
        };
    if (context.targetNames().size() != 1) {
      throw context.element().unsupportedUse("it does not predict one field");
    }
    List<Choice> choices = new ArrayList<>();
    for (Element element : segments) {
      if (!choices.isEmpty() && isLast(choices)) {
        throw element.unsupportedUse("it comes after one that all rows fit");
      }
      element.ignore("weight");
      choices.add(choice(context, element));
    }
    List<DeclaredOutput> outputs = new ArrayList<>();
    choices.forEach(choice -> outputs.addAll(choice.compiled().outputs()));
    Map<String, Field> results = results(context, choices);
    SelectFirst model =
        new SelectFirst(context, categories(context, choices), choices, treatment, results);
    context.scope().program().add(model);
    Target target = choices.get(0).compiled().target();
    return new CompiledModel(
        model, null, target, context.classification(), results, Map.of(), outputs);
  }

  private static boolean isLast(List<Choice> choices) {
    return choices.get(choices.size() - 1).predicate() == ConstantPredicate.ALWAYS;
  }

  private static Choice choice(ModelContext context, Element element) {
    Program program = context.scope().program();
    Segment[] read = new Segment[1];
    List<Step> before = program.nested(() -> read[0] = Segment.compile(element, context.scope()));
    Segment segment = read[0];
    Element model = segment.model();
    if (!model.require("functionName").equals(context.element().require("functionName"))) {
      throw model.invalid("is of another function than the model around it");
    }
    CompiledModel[] compiled = new CompiledModel[1];
    List<Step> steps =
        program.nested(
            () -> compiled[0] = ModelCompiler.compile(ModelCompiler.chained(model, context)));
    Target target = compiled[0].target();
    boolean same =
        target.type().equals(context.target().type())
            && (target.name() == null || target.name().equals(context.target().name()));
    if (compiled[0].stopped() != null || !same) {
      throw model.unsupportedUse("it predicts something else than the model around it");
    }
    return new Choice(before, segment.predicate(), steps, compiled[0]);
  }

  /** One field for each name that segments return values by. */
  private static Map<String, Field> results(ModelContext context, List<Choice> choices) {
    Map<String, Field> results = new LinkedHashMap<>();
    boolean named = choices.get(0).compiled().target().name() != null;
    for (Choice choice : choices) {
      Element element = context.element();
      if (choice.compiled().target().name() != null != named) {
        throw element.unsupportedUse("some of its segments name their target, and some do not");
      }
      choice
          .compiled()
          .results()
          .forEach(
              (name, field) -> {
                Field result =
                    results.computeIfAbsent(
                        name, unused -> context.scope().program().field(name, field.type()));
                if (!result.type().equals(field.type())) {
                  throw element.unsupportedUse(
                      "its segments return '" + name + "' in different types");
                }
              });
    }
    return results;
  }

  /** The classes of all segments, or null where one has no probabilities. */
  private static Categories categories(ModelContext context, List<Choice> choices) {
    Set<Object> keys = new LinkedHashSet<>();
    DataType type = context.target().type().data();
    for (Choice choice : choices) {
      Categories categories = choice.compiled().model().categories();
      if (categories == null || categories.type() != type) {
        return null;
      }
      keys.addAll(categories.keys());
    }
    return new Categories(type, new ArrayList<>(keys));
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    results.values().forEach(field -> start(frame, field));
    double[][] byClass =
        categories() == null ? null : new double[categories().size()][frame.rows()];
    boolean[] active = frame.activeRows();
    boolean[] open = frame.activeRows();
    for (Choice choice : choices) {
      for (int row = 0; row < open.length; row++) {
        frame.setActive(row, open[row]);
      }
      choice.before().forEach(step -> step.run(frame));
      boolean[] fits = Segment.fits(frame, choice.predicate());
      for (int row = 0; row < open.length; row++) {
        frame.setActive(row, fits[row]);
      }
      choice.steps().forEach(step -> step.run(frame));
      byte[] states = frame.values(choice.label()).states;
      for (int row = 0; row < open.length; row++) {
        if (fits[row] && (treatment == Treatment.CONTINUE || states[row] != Cell.MISSING)) {
          open[row] = false;
          take(frame, row, choice, labels, byClass);
        }
      }
    }
    for (int row = 0; row < active.length; row++) {
      frame.setActive(row, active[row]);
    }
    if (byClass != null) {
      frame.putProbabilities(label(), byClass);
    }
  }

  private void take(Frame frame, int row, Choice choice, Values labels, double[][] byClass) {
    Cell cell = frame.scratch;
    frame.values(choice.label()).get(row, cell);
    labels.set(row, cell);
    choice
        .compiled()
        .results()
        .forEach(
            (name, field) -> {
              frame.values(field).get(row, cell);
              frame.values(results.get(name)).set(row, cell);
            });
    if (byClass != null && labels.states[row] == Cell.VALID) {
      double[][] own = frame.probabilities(choice.label());
      List<Object> keys = choice.compiled().model().categories().keys();
      for (int i = 0; i < own.length; i++) {
        byClass[categories().keys().indexOf(keys.get(i))][row] = own[i][row];
      }
    }
  }
}
