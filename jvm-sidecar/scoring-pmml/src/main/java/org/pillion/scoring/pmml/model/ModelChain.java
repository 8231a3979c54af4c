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
import org.pillion.scoring.pmml.field.Values;

/** {@code Segmentation} whose segments see the outputs of those before them. */
final class ModelChain extends Model {
  private record Link(List<Step> steps, CompiledModel compiled, List<Field> outputs) {}

  private final List<Link> links;
  private final boolean returnMissing;

  private ModelChain(Model last, List<Link> links, boolean returnMissing) {
    super(last.label(), last.categories());
    this.links = links;
    this.returnMissing = returnMissing;
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
    for (Element segment : segments) {
      segment.ignore("weight");
      Element element = MiningModel.model(segment);
      CompiledModel[] compiled = new CompiledModel[1];
      List<Step> steps =
          context
              .scope()
              .program()
              .nested(() -> compiled[0] = ModelCompiler.chained(element, context));
      List<Field> own = new ArrayList<>();
      for (Map.Entry<String, Field> output : compiled[0].ownOutputs().entrySet()) {
        context.scope().declareOutput(element, output.getValue());
        own.add(output.getValue());
      }
      links.add(new Link(steps, compiled[0], own));
      if (!multiple) {
        results.clear();
        outputs.clear();
      }
      outputs.addAll(compiled[0].outputs());
      for (Map.Entry<String, Field> result : compiled[0].results().entrySet()) {
        if (results.put(result.getKey(), result.getValue()) != null) {
          throw element.unsupportedUse("two segments return '" + result.getKey() + "'");
        }
      }
    }
    CompiledModel last = links.get(links.size() - 1).compiled();
    if (multiple && context.hasOutput()) {
      throw context.element().unsupportedUse("it has outputs of its own beside its segments'");
    }
    if (!multiple && last.classification() != context.classification()) {
      throw context.element().invalid("is of another function than its last segment");
    }
    ModelChain chain = new ModelChain(last.model(), links, returnMissing);
    context.scope().program().add(chain);
    return new CompiledModel(
        chain, last.target(), last.classification(), results, Map.of(), outputs);
  }

  @Override
  public void run(Frame frame) {
    boolean[] active = frame.activeRows();
    for (Link link : links) {
      link.steps().forEach(step -> step.run(frame));
      Values predictions = frame.values(link.compiled().model().label());
      for (int row = 0; row < frame.rows(); row++) {
        if (frame.isActive(row)) {
          if (returnMissing && predictions.states[row] == Cell.MISSING) {
            frame.setActive(row, false);
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
      }
      frame.setActive(row, active[row]);
    }
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
