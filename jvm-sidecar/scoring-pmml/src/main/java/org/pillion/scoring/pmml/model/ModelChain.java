package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/** {@code Segmentation} whose segments see the outputs of those before them. */
final class ModelChain extends Model {
  /**
   * A segment.
   *
   * @param targets what it must have predicted for the next one to go on; a null field never is
   * @param outputs what the next ones see
   */
  private record Link(
      List<Step> steps, CompiledModel compiled, List<Field> targets, List<Field> outputs) {}

  private final List<Link> links;
  private final boolean returnMissing;
  private final Field stopped;
  private final List<Field> results;

  private ModelChain(
      Model last, List<Link> links, boolean returnMissing, Field stopped, List<Field> results) {
    super(last.label(), last.categories());
    this.links = links;
    this.returnMissing = returnMissing;
    this.stopped = stopped;
    this.results = results;
  }

  /**
   * Compiles a chain.
   *
   * @param multiple whether the results are those of all segments, else of the last one
   */
  static CompiledModel compile(
      ModelContext context, List<Element> segments, boolean returnMissing, boolean multiple) {
    List<Link> links = new ArrayList<>();
    List<DeclaredOutput> outputs = new ArrayList<>();
    Map<String, Field> results = new LinkedHashMap<>();
    int unnamed = 0;
    for (Element segment : segments) {
      segment.ignore("weight");
      Element element = Segment.always(segment, context.scope());
      Link link = link(element, context);
      links.add(link);
      if (!multiple) {
        results.clear();
        outputs.clear();
      }
      outputs.addAll(link.compiled().outputs());
      for (Map.Entry<String, Field> result : link.compiled().results().entrySet()) {
        if (results.put(result.getKey(), result.getValue()) != null) {
          throw element.unsupportedUse("two segments return '" + result.getKey() + "'");
        }
      }
      unnamed += link.compiled().target().name() == null ? 1 : 0;
      if (multiple && unnamed > 1) {
        throw element.unsupportedUse("two segments predict for no field");
      }
    }
    CompiledModel last = links.get(links.size() - 1).compiled();
    if (multiple && context.hasOutput()) {
      throw context.element().unsupportedUse("it has outputs of its own beside its segments'");
    }
    boolean mixed = context.element().require("functionName").equals("mixed");
    if (mixed && context.targetNames().isEmpty()) {
      throw context.element().unsupportedUse("it predicts for no field");
    }
    boolean same =
        multiple
            ? links.stream()
                .allMatch(l -> l.compiled().classification() == context.classification())
            : last.classification() == context.classification();
    if (!mixed && !same) {
      throw context.element().invalid("is of another function than its segments");
    }
    Field stopped = context.scope().program().field("stopped", ValueType.BOOLEAN);
    List<Field> cleared = multiple ? List.copyOf(results.values()) : List.of();
    ModelChain chain = new ModelChain(last.model(), links, returnMissing, stopped, cleared);
    context.scope().program().add(chain);
    return new CompiledModel(
        chain, stopped, last.target(), last.classification(), results, Map.of(), outputs);
  }

  private static Link link(Element element, ModelContext context) {
    ModelContext[] nested = new ModelContext[1];
    CompiledModel[] compiled = new CompiledModel[1];
    List<Step> steps =
        context
            .scope()
            .program()
            .nested(
                () -> {
                  nested[0] = ModelCompiler.chained(element, context);
                  compiled[0] = ModelCompiler.compile(nested[0]);
                });
    List<Field> targets = new ArrayList<>();
    if (nested[0].isChain()) {
      nested[0].targetNames().forEach(name -> targets.add(compiled[0].results().get(name)));
    } else {
      targets.add(compiled[0].model().label());
    }
    List<Field> own = new ArrayList<>();
    for (Field output : compiled[0].ownOutputs().values()) {
      context.scope().declareOutput(element, output);
      own.add(output);
    }
    return new Link(steps, compiled[0], targets, own);
  }

  @Override
  public void run(Frame frame) {
    boolean[] active = frame.activeRows();
    Values ended = new Values(stopped, frame.rows());
    frame.put(stopped, ended);
    for (Link link : links) {
      link.steps().forEach(step -> step.run(frame));
      for (int row = 0; row < frame.rows(); row++) {
        if (frame.isActive(row)) {
          if (returnMissing && !isPredicted(frame, row, link)) {
            frame.setActive(row, false);
            ended.numbers[row] = 1d;
          } else {
            requireOutputs(frame, row, link);
          }
        }
      }
    }
    Values last = frame.values(label());
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.isActive(row)) {
        last.states[row] = Cell.MISSING;
        for (Field result : results) {
          frame.values(result).states[row] = Cell.MISSING;
        }
      }
      frame.setActive(row, active[row]);
    }
  }

  private static boolean isPredicted(Frame frame, int row, Link link) {
    for (Field target : link.targets()) {
      if (target == null || !frame.values(target).hasValue(row)) {
        return false;
      }
    }
    return true;
  }

  /** The interpreter hands on all outputs of a segment, and fails where one has not come about. */
  private static void requireOutputs(Frame frame, int row, Link link) {
    for (Field output : link.outputs()) {
      if (frame.values(output).states[row] == Cell.FAILED) {
        frame.failPrediction(row, "the output '" + output.name() + "' has no value");
        return;
      }
    }
  }
}
