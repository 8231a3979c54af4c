package org.pillion.scoring.pmml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.pmml.ElementReader;
import org.pillion.pmml.XmlCursor;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.pmml.expression.Scope;
import org.pillion.scoring.pmml.field.DataDictionary;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.MiningSchema;
import org.pillion.scoring.pmml.field.Program;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.model.CompiledModel;
import org.pillion.scoring.pmml.model.DeclaredOutput;
import org.pillion.scoring.pmml.model.ModelCompiler;

/** Turns a document without a Spark plan into kernels in the interpreter's arithmetic. */
final class PmmlCompiler {
  private static final String NAMESPACE = "http://www.dmg.org/PMML-4_4";

  private PmmlCompiler() {}

  /**
   * Compiles a document.
   *
   * @throws InvalidModel when no engine could use it
   * @throws UnsupportedElement when it has a part that is not compiled
   */
  static Scorer compile(byte[] pmml, DocumentLimits limits) {
    try {
      XmlCursor cursor = XmlCursor.openPmml(pmml, limits);
      return compile(ElementReader.read(cursor, "element", PmmlCompiler::isKept));
    } catch (StackOverflowError e) {
      throw new InvalidModel("the document is nested too deeply", e);
    }
  }

  /** Extensions mean nothing here. */
  private static boolean isKept(XmlCursor cursor) {
    String namespace = cursor.namespace();
    if (cursor.name().equals("Extension")) {
      return false;
    }
    if (!namespace.equals(NAMESPACE)
        && (namespace.isEmpty() || namespace.startsWith("http://www.dmg.org/PMML"))) {
      throw new UnsupportedElement(
          cursor.name(),
          "the compiled engine does not support the element %s%s: its namespace is not that of"
                  .formatted(cursor.name(), cursor.at())
              + " PMML 4.4");
    }
    return true;
  }

  private static Scorer compile(Element root) {
    if (!root.require("version").equals("4.4")) {
      throw root.unsupported("version");
    }
    root.ignoreChildren("Header");
    root.ignoreChildren("MiningBuildTask");
    DataDictionary dictionary = DataDictionary.compile(root.requireChild("DataDictionary"));
    Element transformations = root.child("TransformationDictionary");
    List<Element> global =
        transformations == null ? List.of() : transformations.children("DerivedField");
    List<Element> models = root.remaining();
    if (models.isEmpty()) {
      throw new InvalidModel("the document has no model");
    }
    if (models.size() > 1) {
      throw models.get(1).unsupportedUse("the document has more than one model");
    }
    Element element = models.get(0);
    MiningSchema schema = MiningSchema.compile(element.requireChild("MiningSchema"));
    Program program = new Program();
    List<InputStep> inputs = inputs(schema, dictionary, program);
    Scope scope =
        Scope.root(
            program,
            dictionary,
            schema,
            inputs.stream().map(InputStep::field).toList(),
            global,
            ModelCompiler.localFields(element));
    CompiledModel model = ModelCompiler.root(element, schema, scope);
    scope.compileUnused();
    root.requireAllRead();
    return scorer(program, inputs, schema, dictionary, model);
  }

  private static List<InputStep> inputs(
      MiningSchema schema, DataDictionary dictionary, Program program) {
    List<InputStep> inputs = new ArrayList<>();
    for (Map.Entry<String, Element> input : schema.inputs().entrySet()) {
      DataDictionary.DataField declared = dictionary.find(input.getKey());
      if (declared == null) {
        throw input
            .getValue()
            .invalid("names the field '" + input.getKey() + "', which the document does not have");
      }
      Field field = program.field(declared.name(), declared.type());
      InputStep step = InputStep.compile(inputs.size(), input.getValue(), declared, field);
      program.add(step);
      inputs.add(step);
    }
    return inputs;
  }

  private static Scorer scorer(
      Program program,
      List<InputStep> inputs,
      MiningSchema schema,
      DataDictionary dictionary,
      CompiledModel model) {
    // Results are by name, so a name counts once.
    Map<String, OutputField> declared = new LinkedHashMap<>();
    for (String target : schema.targets()) {
      DataType type = dictionary.find(target).type().data();
      declared.put(target, new OutputField(target, type.fieldType(), OutputKind.TARGET, null));
    }
    for (DeclaredOutput output : model.outputs()) {
      declared.putIfAbsent(output.contract().name(), output.contract());
    }
    List<Field> results = new ArrayList<>();
    for (OutputField output : declared.values()) {
      Field result = model.results().get(output.name());
      if (result != null && result.type().data().fieldType() != output.type()) {
        throw new UnsupportedElement(
            "OutputField", "the output '" + output.name() + "' is computed in another type");
      }
      results.add(result);
    }
    FeatureContract contract =
        new FeatureContract(
            inputs.stream().map(InputStep::contract).toList(), List.copyOf(declared.values()));
    return new PmmlScorer(contract, program.steps().toArray(new Step[0]), program.slots(), results);
  }
}
