package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Scope;
import org.pillion.scoring.pmml.field.DataDictionary;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.MiningSchema;
import org.pillion.scoring.pmml.tree.TreeFeatures;

/** Reads what all models have in common, and finds the compiler of the rest. */
public final class ModelCompiler {
  private ModelCompiler() {}

  /** Compiles a document's model. */
  public static CompiledModel root(Element element, MiningSchema schema, Scope scope) {
    ignoreRemarks(element);
    DataDictionary dictionary = scope.dictionary();
    Target target = TargetCompiler.compile(element, schema, dictionary, null);
    ModelContext context =
        context(element, scope, target, schema.targets(), keyType(target, null), null);
    return compile(context);
  }

  /** What the compiler of a model is given whose outputs later ones of a chain see. */
  static ModelContext chained(Element element, ModelContext parent) {
    return nested(element, parent, false);
  }

  static CompiledModel compile(ModelContext context) {
    return compile(context, new TreeFeatures());
  }

  /** Compiles a model whose predictions are combined with others'. */
  static Model aggregated(Element element, ModelContext parent, TreeFeatures features) {
    ModelContext context = nested(element, parent, true);
    if (context.hasOutput()) {
      OutputCompiler.requireUnseen(context);
    }
    if (context.classification() != parent.classification()) {
      throw element.invalid("is of another function than the model around it");
    }
    requireNoDefault(context);
    return simple(context, features);
  }

  private static void requireNoDefault(ModelContext context) {
    if (!context.target().defaults().isEmpty()) {
      throw context.target().defaults().get(0).unsupported();
    }
  }

  private static ModelContext nested(Element element, ModelContext parent, boolean aggregated) {
    ignoreRemarks(element);
    MiningSchema schema = MiningSchema.compile(element.requireChild("MiningSchema"));
    Scope scope = parent.scope().nested(schema, localFields(element));
    Target target = TargetCompiler.compile(element, schema, scope.dictionary(), parent);
    DataType keyType = keyType(target, aggregated ? parent.keyType() : null);
    return context(element, scope, target, schema.targets(), keyType, parent);
  }

  private static ModelContext context(
      Element element,
      Scope scope,
      Target target,
      List<String> targetNames,
      DataType keyType,
      ModelContext parent) {
    Element output = element.child("Output");
    boolean own =
        output != null
            && output.children("OutputField").stream()
                .anyMatch(field -> "probability".equals(field.attribute("feature")));
    boolean plain =
        (parent == null || parent.plain())
            && (output == null
                || output.children("OutputField").stream()
                    .map(field -> field.attribute("feature", "predictedValue"))
                    .allMatch("predictedValue"::equals));
    boolean classification = isClassification(element);
    boolean outside =
        parent != null
            && !isMethod(parent.element(), "Vote")
            && (parent.probabilities()
                || parent.classification() && isMethod(parent.element(), "verage"));
    return new ModelContext(
        element,
        scope,
        classification,
        MathContext.of(element),
        target,
        targetNames,
        keyType,
        own || outside,
        plain,
        output);
  }

  private static boolean isMethod(Element mining, String ending) {
    Element segmentation = mining.child("Segmentation");
    return segmentation != null && segmentation.require("multipleModelMethod").endsWith(ending);
  }

  private static boolean isClassification(Element element) {
    return switch (element.require("functionName")) {
      case "classification" -> true;
      case "regression", "clustering" -> false;
      case "mixed" -> {
        if (!ModelContext.isChain(element)) {
          throw element.unsupported("functionName");
        }
        yield false;
      }
      default -> throw element.unsupported("functionName");
    };
  }

  private static void ignoreRemarks(Element element) {
    element.ignore("modelName", "algorithmName");
    element.ignoreChildren("ModelStats");
    element.ignoreChildren("ModelExplanation");
    // Rows that the producer has checked; publishing checks rows of its own.
    element.ignoreChildren("ModelVerification");
    if (!flag(element, "isScorable", true)) {
      throw element.unsupported("isScorable");
    }
  }

  /** An attribute that is true or false, as XML spells them. */
  static boolean flag(Element element, String attribute, boolean otherwise) {
    String value = element.attribute(attribute);
    if (value == null) {
      return otherwise;
    }
    return switch (value) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw element.unsupported(attribute);
    };
  }

  public static List<Element> localFields(Element element) {
    Element local = element.child("LocalTransformations");
    return local == null ? List.of() : local.children("DerivedField");
  }

  private static DataType keyType(Target target, DataType inherited) {
    if (target.name() != null) {
      return target.type().data();
    }
    return inherited == null ? DataType.STRING : inherited;
  }

  private static CompiledModel compile(ModelContext context, TreeFeatures features) {
    CompiledModel inner;
    if (context.element().name().equals("MiningModel")) {
      requireNoDefault(context);
      inner = MiningModel.compile(context);
    } else {
      Model model = simple(context, features);
      context.scope().program().add(model);
      if (!context.target().defaults().isEmpty()) {
        context.scope().program().add(DefaultPrediction.compile(context, model));
      }
      inner =
          new CompiledModel(
              model,
              null,
              context.target(),
              context.classification(),
              Map.of(),
              Map.of(),
              List.of());
    }
    return withOutputs(context, inner);
  }

  /** A model that holds all of its predictions itself; it is not in the program yet. */
  private static Model simple(ModelContext context, TreeFeatures features) {
    Element element = context.element();
    return switch (element.name()) {
      case "RegressionModel" -> RegressionModel.compile(context);
      case "TreeModel" -> TreeModel.compile(context, features);
      default -> inDoubles(context);
    };
  }

  private static Model inDoubles(ModelContext context) {
    Element element = context.element();
    context.requireDoubles();
    return switch (element.name()) {
      case "GeneralRegressionModel" -> GeneralRegressionModel.compile(context);
      case "NeuralNetwork" -> NeuralNetwork.compile(context);
      case "ClusteringModel" -> ClusteringModel.compile(context);
      case "Scorecard" -> Scorecard.compile(context);
      case "RuleSetModel" -> RuleSetModel.compile(context);
      case "SupportVectorMachineModel" -> SupportVectorMachineModel.compile(context);
      default -> throw element.unsupported();
    };
  }

  private static CompiledModel withOutputs(ModelContext context, CompiledModel inner) {
    List<DeclaredOutput> outputs = new ArrayList<>(inner.outputs());
    Map<String, Field> own = new LinkedHashMap<>();
    Map<String, Field> results = new LinkedHashMap<>();
    if (inner.target().name() != null) {
      results.put(inner.target().name(), inner.model().label());
    }
    results.putAll(inner.results());
    if (context.hasOutput()) {
      OutputCompiler compiler = new OutputCompiler(context, inner);
      for (Element element : context.output().children("OutputField")) {
        DeclaredOutput output = compiler.compile(element);
        outputs.add(output);
        own.put(output.field().name(), output.field());
        results.put(output.field().name(), output.field());
      }
    }
    return new CompiledModel(
        inner.model(),
        inner.stopped(),
        inner.target(),
        inner.classification(),
        results,
        own,
        outputs);
  }
}
