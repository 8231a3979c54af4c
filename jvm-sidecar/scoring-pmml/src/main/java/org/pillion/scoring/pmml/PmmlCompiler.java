package org.pillion.scoring.pmml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pillion.pmml.Dialect;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.pmml.ElementReader;
import org.pillion.pmml.XmlCursor;
import org.pillion.scoring.FeatureContract;
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
  /** Those that the interpreter reads as if they were the last one's. */
  private static final Set<String> NAMESPACES =
      Stream.of("3_0", "3_1", "3_2", "4_0", "4_1", "4_2", "4_3", "4_4")
          .map(version -> "http://www.dmg.org/PMML-" + version)
          .collect(Collectors.toUnmodifiableSet());

  private PmmlCompiler() {}

  /**
   * Compiles a document.
   *
   * @throws org.pillion.scoring.InvalidModel when it cannot be read
   * @throws UnsupportedElement when it has a part that is not compiled, be it right or wrong
   */
  static Scorer compile(byte[] pmml, DocumentLimits limits) {
    try {
      XmlCursor cursor = XmlCursor.openPmml(pmml, limits);
      String namespace = cursor.namespace();
      if (!NAMESPACES.contains(namespace)) {
        throw ofOtherNamespace(cursor);
      }
      return compile(ElementReader.read(cursor, Dialect.PMML, at -> isKept(at, namespace)));
    } catch (StackOverflowError e) {
      throw new UnsupportedElement("PMML", "the document is nested too deeply");
    }
  }

  /**
   * Extensions mean nothing here, and the rows of inline tables have names of their own; but all of
   * PMML's elements are of the root's version.
   */
  private static boolean isKept(XmlCursor cursor, String root) {
    String namespace = cursor.namespace();
    if (cursor.name().equals("Extension")) {
      return false;
    }
    if (!namespace.equals(root)
        && (namespace.isEmpty() || namespace.startsWith("http://www.dmg.org/PMML"))) {
      throw ofOtherNamespace(cursor);
    }
    return true;
  }

  private static UnsupportedElement ofOtherNamespace(XmlCursor cursor) {
    return new UnsupportedElement(
        cursor.name(),
        "the compiled engine does not support the element %s%s: its namespace is not that of"
                .formatted(cursor.name(), cursor.at())
            + " PMML 3.0 to 4.4");
  }

  private static Scorer compile(Element root) {
    // As the interpreter does, by the namespace alone.
    root.ignore("version");
    root.ignoreChildren("Header");
    root.ignoreChildren("MiningBuildTask");
    DataDictionary dictionary = DataDictionary.compile(root.requireChild("DataDictionary"));
    Element transformations = root.child("TransformationDictionary");
    List<Element> global =
        transformations == null ? List.of() : transformations.children("DerivedField");
    List<Element> models = root.remaining();
    if (models.isEmpty()) {
      throw new UnsupportedElement("PMML", "the document has no model");
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
    if (declared.isEmpty()) {
      DataType type = model.predictsNumbers() ? DataType.DOUBLE : DataType.STRING;
      String name = OutputField.UNNAMED_TARGET;
      declared.put(name, new OutputField(name, type.fieldType(), OutputKind.TARGET, null));
      model.results().put(name, model.label());
    }
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
