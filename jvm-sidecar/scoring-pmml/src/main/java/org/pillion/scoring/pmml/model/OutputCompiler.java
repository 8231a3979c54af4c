package org.pillion.scoring.pmml.model;

import org.pillion.pmml.Element;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.pmml.expression.Expression;
import org.pillion.scoring.pmml.expression.ExpressionCompiler;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.ValueType;

/** {@code OutputField}: what a model returns of its prediction. */
final class OutputCompiler {
  private final ModelContext context;
  private final CompiledModel inner;

  OutputCompiler(ModelContext context, CompiledModel inner) {
    this.context = context;
    this.inner = inner;
  }

  DeclaredOutput compile(Element element) {
    element.ignore("displayName", "isFinalResult");
    String name = element.require("name");
    String targetField = element.attribute("targetField");
    if (targetField != null && !targetField.equals(inner.target().name())) {
      throw element.unsupported("targetField");
    }
    String feature = element.attribute("feature", "predictedValue");
    return switch (feature) {
      case "predictedValue" -> predicted(element, name);
      case "probability" -> probability(element, name);
      case "transformedValue" -> transformed(element, name);
      case "decision" -> {
        // They describe what the expression comes to.
        element.ignoreChildren("Decisions");
        yield transformed(element, name);
      }
      default -> other(element, name, feature);
    };
  }

  /**
   * Makes sure that the outputs of a model that is combined with others, which nobody sees, cannot
   * fail a row either.
   */
  static void requireUnseen(ModelContext context) {
    Target target = context.target();
    for (Element element : context.output().children("OutputField")) {
      element.ignore("name", "displayName", "optype", "isFinalResult");
      if (!element.attribute("feature", "predictedValue").equals("predictedValue")) {
        throw element.unsupported("feature");
      }
      String targetField = element.attribute("targetField");
      if (targetField != null && !targetField.equals(target.name())) {
        throw element.unsupported("targetField");
      }
      DataType own = target.type().data();
      if (DataType.of(element, "dataType", own) != own) {
        throw element.unsupported("dataType");
      }
    }
  }

  private DeclaredOutput predicted(Element element, String name) {
    ValueType natural = ValueType.natural(inner.target().type().data());
    ValueType type = type(element, natural);
    // A type that is not declared is the target's for callers, and the value's for what follows.
    FieldType declared =
        element.attribute("dataType") == null
            ? inner.target().type().data().fieldType()
            : type.data().fieldType();
    return declare(
        element, name, type, OutputKind.PREDICTION, declared, null, new OutputSource.Predicted());
  }

  /** The type that an output declares; an optype that is none counts as absent. */
  private ValueType type(Element element, ValueType natural) {
    DataType data = DataType.of(element, "dataType", natural.data());
    ValueType otherwise = ValueType.natural(data);
    return switch (element.attribute("optype", "")) {
      case "continuous", "categorical", "ordinal" -> ValueType.of(element, otherwise);
      default -> otherwise;
    };
  }

  private DeclaredOutput probability(Element element, String name) {
    Categories categories = inner.model().categories();
    if (categories == null) {
      throw element.unsupportedUse("the model has no probabilities");
    }
    ValueType type = type(element, ValueType.CONTINUOUS_DOUBLE);
    if (element.attribute("value") == null) {
      if (categories.type() != inner.target().type().data()) {
        throw element.unsupportedUse(
            "the model's classes are of another type than its predictions");
      }
      OutputSource predicted = new OutputSource.PredictedProbability(categories);
      FieldType declared = type.data().fieldType();
      return declare(element, name, type, OutputKind.PROBABILITY, declared, null, predicted);
    }
    int index = categories.indexOf(element, "value");
    String classValue = classValue(element, categories.type());
    return declare(
        element,
        name,
        type,
        OutputKind.PROBABILITY,
        type.data().fieldType(),
        classValue,
        new OutputSource.Probability(index));
  }

  /** The class as the interpreter spells it. */
  private static String classValue(Element element, DataType type) {
    Object key = Categories.key(element, "value", type);
    return key instanceof Double number ? Casting.text(number, type) : (String) key;
  }

  /** A result that this kind of model has beside its prediction. */
  private DeclaredOutput other(Element element, String name, String feature) {
    Field result = inner.model().result(context, feature, element);
    // A default prediction has nothing beside it, and the interpreter fails where one is asked.
    if (result == null || !context.target().defaults().isEmpty()) {
      throw element.unsupported("feature");
    }
    DataType natural = result.type().data();
    if (natural != DataType.STRING && element.attribute("dataType") == null) {
      throw element.unsupportedUse("it has no dataType");
    }
    ValueType type = type(element, ValueType.natural(natural));
    OutputKind kind =
        feature.equals("predictedDisplayValue") ? OutputKind.PREDICTION : OutputKind.OTHER;
    FieldType declared = type.data().fieldType();
    return declare(element, name, type, kind, declared, null, new OutputSource.Result(result));
  }

  private DeclaredOutput transformed(Element element, String name) {
    Expression expression =
        ExpressionCompiler.compile(element.requireRemaining("expression"), context.scope());
    if (element.attribute("dataType") == null) {
      throw element.unsupportedUse("it has no dataType");
    }
    ValueType type = type(element, expression.type());
    return declare(
        element,
        name,
        type,
        OutputKind.OTHER,
        type.data().fieldType(),
        null,
        new OutputSource.Transformed(expression));
  }

  private DeclaredOutput declare(
      Element element,
      String name,
      ValueType type,
      OutputKind kind,
      FieldType declared,
      String classValue,
      OutputSource source) {
    if (declared != type.data().fieldType()) {
      throw element.unsupported("dataType");
    }
    Field field = context.scope().program().field(name, type);
    Field required = source.needsPrediction() && needsResult(element) ? inner.stopped() : null;
    context.scope().program().add(new OutputStep(field, inner.model().label(), required, source));
    context.scope().declareOutput(element, field);
    return new DeclaredOutput(field, new OutputField(name, declared, kind, classValue));
  }

  /** Whether the interpreter finds nothing that it could call the prediction of a stopped chain. */
  private boolean needsResult(Element element) {
    String targetField = element.attribute("targetField");
    return targetField == null
        ? context.targetNames().size() != 1
        : !context.targetNames().contains(targetField);
  }
}
