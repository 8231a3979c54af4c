package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Expression;
import org.pillion.scoring.pmml.expression.ExpressionCompiler;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/** {@code NeuralNetwork} that predicts a number or chooses between classes. */
final class NeuralNetwork extends Model {
  private record Input(Expression expression, ValueType type) {}

  /**
   * What the network makes of its neurons.
   *
   * @param neurons positions of the output neurons: one, or one a class
   * @param ids their ids
   * @param categories the classes, or null for a number
   * @param norms turns one neuron's value into a number of the target, or null for as it is
   */
  private record Outputs(
      int[] neurons, List<String> ids, Categories categories, LinearNorms norms) {}

  private final Target target;
  private final List<Input> inputs;
  private final List<NeuralLayer> layers;
  private final Outputs outputs;
  private final int entities;
  private Field entity;

  private NeuralNetwork(
      ModelContext context,
      List<Input> inputs,
      List<NeuralLayer> layers,
      Outputs outputs,
      int entities) {
    super(context.label(), outputs.categories());
    this.target = context.target();
    this.inputs = inputs;
    this.layers = layers;
    this.outputs = outputs;
    this.entities = entities;
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    element.ignore("numberOfLayers");
    // They are for layers that have none of their own.
    element.ignore("activationFunction", "normalizationMethod");
    NeuralEntities entities = new NeuralEntities();
    List<Input> inputs = inputs(context, entities);
    List<NeuralLayer> layers = new ArrayList<>();
    for (Element layer : element.children("NeuralLayer")) {
      layers.add(NeuralLayer.compile(element, layer, entities));
    }
    Element container = element.requireChild("NeuralOutputs");
    container.ignore("numberOfOutputs");
    List<Element> children = container.children("NeuralOutput");
    if (children.isEmpty() || layers.isEmpty()) {
      throw element.invalid("has no layers or no outputs");
    }
    Outputs outputs = outputs(context, children, entities);
    return new NeuralNetwork(context, inputs, layers, outputs, entities.size());
  }

  private static List<Input> inputs(ModelContext context, NeuralEntities entities) {
    List<Input> inputs = new ArrayList<>();
    Element container = context.element().requireChild("NeuralInputs");
    container.ignore("numberOfInputs");
    for (Element input : container.children("NeuralInput")) {
      entities.declare(input);
      Element field = input.requireChild("DerivedField");
      field.ignore("name", "displayName");
      ValueType type = ValueType.of(field);
      Expression expression =
          ExpressionCompiler.compile(field.requireRemaining("expression"), context.scope());
      if (!type.data().isNumeric()) {
        throw field.unsupported("dataType");
      }
      inputs.add(new Input(expression, type));
    }
    return inputs;
  }

  private static Outputs outputs(
      ModelContext context, List<Element> children, NeuralEntities entities) {
    int[] neurons = new int[children.size()];
    List<String> ids = new ArrayList<>();
    List<Element> expressions = new ArrayList<>();
    for (Element output : children) {
      neurons[ids.size()] = entities.position(output, "outputNeuron");
      ids.add(output.require("outputNeuron"));
      Element field = output.requireChild("DerivedField");
      field.ignore("optype", "dataType", "name", "displayName");
      Element expression = field.requireRemaining("expression");
      if (!expression.require("field").equals(context.target().name())) {
        throw expression.unsupported("field");
      }
      expressions.add(expression);
    }
    if (!context.classification()) {
      return new Outputs(neurons, ids, null, number(context, expressions));
    }
    for (Element expression : expressions) {
      if (!expression.name().equals("NormDiscrete")) {
        throw expression.unsupported();
      }
    }
    Categories categories = Categories.compile(expressions, "value", context.requireKeyType());
    return new Outputs(neurons, ids, categories, null);
  }

  private static LinearNorms number(ModelContext context, List<Element> expressions) {
    context.requireNumberTarget();
    if (expressions.size() != 1) {
      throw context.element().unsupportedUse("it has more than one output");
    }
    Element expression = expressions.get(0);
    return switch (expression.name()) {
      case "FieldRef" -> null;
      case "NormContinuous" -> LinearNorms.compile(expression);
      default -> throw expression.unsupported();
    };
  }

  @Override
  Field result(ModelContext context, String feature, Element output) {
    if (!feature.equals("entityId") || categories() == null) {
      return null;
    }
    requireFirst(output);
    if (entity == null) {
      entity = context.scope().program().field("neuron", ValueType.CATEGORICAL_STRING);
    }
    return entity;
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    Values winners = entity == null ? null : start(frame, entity);
    double[][] byClass =
        categories() == null ? null : new double[outputs.neurons().length][frame.rows()];
    double[] values = new double[entities];
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.isActive(row) || !read(frame, row, values, cell)) {
        continue;
      }
      try {
        layers.forEach(layer -> layer.propagate(values));
        if (byClass == null) {
          double value = values[outputs.neurons()[0]];
          double number = outputs.norms() == null ? value : outputs.norms().denormalize(value);
          target.predict(frame, row, number, labels, MathContext.DOUBLE);
          continue;
        }
      } catch (ArithmeticException e) {
        frame.failPrediction(row, e.getMessage());
        continue;
      }
      for (int i = 0; i < byClass.length; i++) {
        byClass[i][row] = values[outputs.neurons()[i]];
      }
      int winner = Categories.winner(row, byClass);
      categories().label(labels, row, winner);
      if (winners != null) {
        winners.texts[row] = outputs.ids().get(winner);
        winners.states[row] = Cell.VALID;
      }
    }
    if (byClass != null) {
      frame.putProbabilities(label(), byClass);
    }
  }

  private boolean read(Frame frame, int row, double[] values, Cell cell) {
    for (int i = 0; i < inputs.size(); i++) {
      Input input = inputs.get(i);
      input.expression().evaluate(frame, row, cell);
      Casting.cast(cell, input.expression().type(), input.type());
      if (cell.state == Cell.FAILED) {
        frame.failPrediction(row, cell.reason);
      }
      if (!cell.hasValue()) {
        return false;
      }
      values[i] = cell.number;
    }
    return true;
  }
}
