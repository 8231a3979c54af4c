package org.pillion.scoring.pmml.model;

import org.pillion.pmml.Element;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.pmml.expression.Expression;
import org.pillion.scoring.pmml.expression.ExpressionCompiler;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

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
      default -> throw element.unsupported("feature");
    };
  }

  private DeclaredOutput predicted(Element element, String name) {
    ValueType natural = ValueType.natural(inner.target().type().data());
    ValueType type = type(element, natural);
    // A type that is not declared is the target's for callers, and the value's for what follows.
    FieldType declared =
        element.attribute("dataType") == null
            ? inner.target().type().data().fieldType()
            : type.data().fieldType();
    return declare(element, name, type, OutputKind.PREDICTION, declared, null, new Predicted());
  }

  private ValueType type(Element element, ValueType natural) {
    DataType data = DataType.of(element, "dataType", natural.data());
    return ValueType.of(element, ValueType.natural(data));
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
      Source predicted = new PredictedProbability(categories);
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
        new Probability(index));
  }

  /** The class as the interpreter spells it. */
  private static String classValue(Element element, DataType type) {
    Object key = Categories.key(element, "value", type);
    return key instanceof Double number ? Casting.text(number, type) : (String) key;
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
        new Transformed(expression));
  }

  private DeclaredOutput declare(
      Element element,
      String name,
      ValueType type,
      OutputKind kind,
      FieldType declared,
      String classValue,
      Source source) {
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

  /** Where an output's values come from. */
  private interface Source {
    /** Type of the values, before they are turned into the output's type. */
    ValueType type(Field label);

    /** Whether there is no value without a prediction. */
    boolean needsPrediction();

    void evaluate(Frame frame, int row, Field label, Cell result);
  }

  private record Predicted() implements Source {
    @Override
    public ValueType type(Field label) {
      return ValueType.natural(label.type().data());
    }

    @Override
    public boolean needsPrediction() {
      return true;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      Values values = frame.values(label);
      if (values.texts != null) {
        result.setText(values.texts[row]);
      } else {
        result.setNumber(values.numbers[row], type(label));
      }
    }
  }

  private record Probability(int index) implements Source {
    @Override
    public ValueType type(Field label) {
      return ValueType.CONTINUOUS_DOUBLE;
    }

    @Override
    public boolean needsPrediction() {
      return true;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      double probability = index < 0 ? 0d : frame.probabilities(label)[index][row];
      result.setNumber(probability, ValueType.CONTINUOUS_DOUBLE);
    }
  }

  /** The probability of whichever class is predicted. */
  private record PredictedProbability(Categories categories) implements Source {
    @Override
    public ValueType type(Field label) {
      return ValueType.CONTINUOUS_DOUBLE;
    }

    @Override
    public boolean needsPrediction() {
      return true;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      Values values = frame.values(label);
      Object predicted = values.texts != null ? values.texts[row] : (Object) values.numbers[row];
      int index = categories.keys().indexOf(predicted);
      new Probability(index).evaluate(frame, row, label, result);
    }
  }

  private record Transformed(Expression expression) implements Source {
    @Override
    public ValueType type(Field label) {
      return expression.type();
    }

    @Override
    public boolean needsPrediction() {
      return false;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      expression.evaluate(frame, row, result);
    }
  }

  /**
   * An output.
   *
   * @param stopped rows for which asking for it is a failure, or null for none
   */
  private record OutputStep(Field field, Field label, Field stopped, Source source)
      implements Step {
    @Override
    public void run(Frame frame) {
      Values values = new Values(field, frame.rows());
      byte[] predicted = frame.values(label).states;
      Cell cell = new Cell();
      for (int row = 0; row < frame.rows(); row++) {
        boolean unpredicted = source.needsPrediction() && predicted[row] == Cell.MISSING;
        if (!frame.isActive(row) || unpredicted) {
          cell.fail("the field '" + field.name() + "' has no value");
          if (stopped != null && frame.values(stopped).numbers[row] != 0d) {
            frame.failPrediction(row, cell.reason);
          }
        } else {
          source.evaluate(frame, row, label, cell);
          Casting.cast(cell, source.type(label), field.type());
          if (cell.state == Cell.FAILED) {
            frame.failPrediction(row, cell.reason);
          }
        }
        values.set(row, cell);
      }
      frame.put(field, values);
    }
  }
}
