package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.PlanReader;
import org.pillion.scoring.spark.plan.Program;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;
import org.pillion.scoring.spark.plan.StageCompiler;
import org.pillion.scoring.spark.stage.Stages;

/** Turns a document that carries a Spark plan into kernels in Spark's arithmetic. */
final class PlanCompiler {
  private PlanCompiler() {}

  /**
   * Compiles a document.
   *
   * @throws InvalidModel when no engine could use it
   * @throws UnsupportedElement when its plan has a part that is not compiled
   */
  static Scorer compile(byte[] pmml, DocumentLimits limits) {
    SparkDocument document = SparkDocument.read(pmml, limits);
    Element root = PlanReader.read(document.format(), document.plan(), limits);
    PlanBuilder plan = new PlanBuilder(Session.of(root));
    PlanContract known = PlanContract.of(document.contract(), root);
    Map<String, Integer> positions =
        new FeatureContract(known.inputs(), List.of()).inputPositions();
    List<InputReader> inputs = new ArrayList<>();
    for (Element element : root.children()) {
      switch (element.name()) {
        case "input" -> inputs.add(input(element, plan, known.inputs(), positions));
        case "output" -> {}
        default -> compile(element, plan);
      }
    }
    FeatureContract contract = known.complete(root.children("output"), plan);
    List<OutputWriter> outputs = outputs(root.children("output"), plan, contract.outputs());
    root.requireAllRead();
    List<Slot> slots = outputs.stream().map(OutputWriter::slot).filter(Objects::nonNull).toList();
    Program shortcut = plan.shortcut(slots);
    return new SparkScorer(
        contract,
        new Route(plan.program(slots), inputs),
        shortcut == null ? null : new Route(shortcut, inputs),
        outputs,
        explainers(root.children("output"), plan, contract));
  }

  private static void compile(Element element, PlanBuilder plan) {
    plan.beginStage(element.name());
    try {
      stage(element).compile(element, plan);
    } catch (ArithmeticException e) {
      throw new InvalidModel(
          "the plan's stage %s has a size out of range: %s"
              .formatted(element.name(), e.getMessage()),
          e);
    }
  }

  private static StageCompiler stage(Element element) {
    StageCompiler compiler = Stages.COMPILERS.get(element.name());
    if (compiler == null) {
      throw new UnsupportedElement(
          element.name(), "the plan's stage " + element.name() + " is not compiled");
    }
    return compiler;
  }

  private static InputReader input(
      Element element, PlanBuilder plan, List<InputField> fields, Map<String, Integer> positions) {
    String name = element.require("name");
    if (plan.has(name)) {
      throw new InvalidModel("the plan has the input '" + name + "' twice");
    }
    SparkType type = SparkType.of(element.require("type"));
    if (type == SparkType.VECTOR) {
      int[] elements = new int[PlanContract.size(element)];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = position(VectorInput.field(name, i), SparkType.DOUBLE, fields, positions);
      }
      return new VectorInput(plan.vectorInput(name, elements), elements);
    }
    int position = position(name, type, fields, positions);
    Slot slot = plan.input(name, type, position);
    return TextForm.has(type)
        ? new TextInput(slot, position, TextForm.of(element))
        : new ColumnInput(slot, position);
  }

  private static int position(
      String name, SparkType type, List<InputField> fields, Map<String, Integer> positions) {
    Integer position = positions.get(name);
    if (position == null) {
      throw new InvalidModel("the plan's input '" + name + "' is not an input of the document");
    }
    FieldType field = fields.get(position).type();
    if (!ColumnInput.fits(type, field)) {
      throw new InvalidModel(
          "the plan's input '%s' is of type %s, but %s in the document"
              .formatted(name, type.text(), field.text()));
    }
    return position;
  }

  private static Map<String, OutputExplainer> explainers(
      List<Element> elements, PlanBuilder plan, FeatureContract contract) {
    Map<String, OutputExplainer> explainers = new HashMap<>();
    for (Element element : elements) {
      // The complement of a column is no value of its own, and is not explained.
      if (element.has("column") && !element.has("complement")) {
        explainers.put(
            element.require("field"),
            new OutputExplainer(
                plan,
                contract,
                plan.column(element.require("column")),
                element.has("element") ? element.count("element") : 0));
      }
    }
    return explainers;
  }

  private static List<OutputWriter> outputs(
      List<Element> elements, PlanBuilder plan, List<OutputField> fields) {
    Map<String, Element> byField = new HashMap<>();
    for (Element element : elements) {
      if (byField.put(element.require("field"), element) != null) {
        throw new InvalidModel("the plan has the output '" + element.require("field") + "' twice");
      }
    }
    List<OutputWriter> writers = new ArrayList<>();
    for (OutputField field : fields) {
      Element element = byField.remove(field.name());
      if (element == null) {
        throw new UnsupportedElement(
            "OutputField", "the plan does not compute the output '" + field.name() + "'");
      }
      writers.add(
          element.has("column")
              ? OutputWriter.of(field, element, plan.column(element.require("column")))
              : new MissingWriter(field));
    }
    if (!byField.isEmpty()) {
      throw new InvalidModel(
          "the plan has the output '%s', which the document has not"
              .formatted(byField.keySet().iterator().next()));
    }
    return writers;
  }
}
