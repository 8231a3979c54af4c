package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Expression;
import org.pillion.scoring.pmml.expression.ExpressionCompiler;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/** {@code NeuralNetwork} that chooses between classes. */
final class NeuralNetwork extends Model {
  private record Neuron(int output, int[] inputs, double[] weights, double bias) {}

  private record Layer(List<Neuron> neurons, Activation activation, boolean softmax) {}

  private enum Activation {
    LOGISTIC,
    TANH,
    IDENTITY,
    EXPONENTIAL,
    RECTIFIER;

    double apply(double value) {
      return switch (this) {
        case LOGISTIC -> 1d / (1d + Math.exp(-value));
        case TANH -> Math.tanh(value);
        case IDENTITY -> value;
        case EXPONENTIAL -> Math.exp(value);
        case RECTIFIER -> Math.max(value, 0d);
      };
    }
  }

  private record Input(Expression expression, ValueType type) {}

  private final List<Input> inputs;
  private final List<Layer> layers;
  private final int[] outputs;
  private final int entities;

  private NeuralNetwork(
      ModelContext context,
      Categories categories,
      List<Input> inputs,
      List<Layer> layers,
      int[] outputs,
      int entities) {
    super(context.label(), categories);
    this.inputs = inputs;
    this.layers = layers;
    this.outputs = outputs;
    this.entities = entities;
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    if (!context.classification()) {
      throw element.unsupported("functionName");
    }
    element.ignore("numberOfLayers");
    Map<String, Integer> entities = new HashMap<>();
    List<Input> inputs = inputs(context, entities);
    List<Layer> layers = new ArrayList<>();
    for (Element layer : element.children("NeuralLayer")) {
      layers.add(layer(element, layer, entities));
    }
    List<Element> classes = new ArrayList<>();
    List<Integer> outputs = new ArrayList<>();
    Element container = element.requireChild("NeuralOutputs");
    container.ignore("numberOfOutputs");
    for (Element output : container.children("NeuralOutput")) {
      outputs.add(entity(output, "outputNeuron", entities));
      Element field = output.requireChild("DerivedField");
      field.ignore("optype", "dataType", "name", "displayName");
      Element norm = field.requireChild("NormDiscrete");
      if (!norm.require("field").equals(context.target().name())) {
        throw norm.unsupported("field");
      }
      classes.add(norm);
    }
    if (classes.isEmpty() || layers.isEmpty()) {
      throw element.invalid("has no layers or no outputs");
    }
    return new NeuralNetwork(
        context,
        Categories.compile(classes, "value", context.requireKeyType()),
        inputs,
        layers,
        outputs.stream().mapToInt(Integer::intValue).toArray(),
        entities.size());
  }

  private static List<Input> inputs(ModelContext context, Map<String, Integer> entities) {
    List<Input> inputs = new ArrayList<>();
    Element container = context.element().requireChild("NeuralInputs");
    container.ignore("numberOfInputs");
    for (Element input : container.children("NeuralInput")) {
      declare(input, entities);
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

  private static Layer layer(Element network, Element layer, Map<String, Integer> entities) {
    layer.ignore("numberOfNeurons");
    String function = layer.attribute("activationFunction");
    String general = network.attribute("activationFunction");
    Activation activation =
        switch (String.valueOf(function == null ? general : function)) {
          case "logistic" -> Activation.LOGISTIC;
          case "tanh" -> Activation.TANH;
          case "identity" -> Activation.IDENTITY;
          case "exponential" -> Activation.EXPONENTIAL;
          case "rectifier" -> Activation.RECTIFIER;
          default -> throw (function == null ? network : layer).unsupported("activationFunction");
        };
    String method = layer.attribute("normalizationMethod");
    String generalMethod = network.attribute("normalizationMethod", "none");
    boolean softmax =
        switch (method == null ? generalMethod : method) {
          case "none" -> false;
          case "softmax" -> true;
          default -> throw (method == null ? network : layer).unsupported("normalizationMethod");
        };
    List<Neuron> neurons = new ArrayList<>();
    for (Element neuron : layer.children("Neuron")) {
      List<Element> connections = neuron.children("Con");
      if (connections.isEmpty()) {
        throw neuron.invalid("has no Con");
      }
      int[] from = new int[connections.size()];
      double[] weights = new double[from.length];
      for (int i = 0; i < from.length; i++) {
        from[i] = entity(connections.get(i), "from", entities);
        weights[i] = connections.get(i).finite("weight");
      }
      double bias = neuron.finite("bias", 0d);
      neurons.add(new Neuron(declare(neuron, entities), from, weights, bias));
    }
    if (neurons.isEmpty()) {
      throw layer.invalid("has no Neuron");
    }
    return new Layer(neurons, activation, softmax);
  }

  private static int declare(Element element, Map<String, Integer> entities) {
    Integer before = entities.putIfAbsent(element.require("id"), entities.size());
    if (before != null) {
      throw element.invalid("has the id of another one");
    }
    return entities.size() - 1;
  }

  private static int entity(Element element, String attribute, Map<String, Integer> entities) {
    Integer entity = entities.get(element.require(attribute));
    if (entity == null) {
      throw element.invalid(
          "refers to '" + element.require(attribute) + "', which is not declared before it");
    }
    return entity;
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    double[][] byClass = new double[outputs.length][frame.rows()];
    double[] values = new double[entities];
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.isActive(row) && read(frame, row, values, cell)) {
        layers.forEach(layer -> propagate(layer, values));
        for (int i = 0; i < outputs.length; i++) {
          byClass[i][row] = values[outputs[i]];
        }
        categories().labelWinner(labels, row, byClass);
      }
    }
    frame.putProbabilities(label(), byClass);
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

  private static void propagate(Layer layer, double[] values) {
    for (Neuron neuron : layer.neurons()) {
      double sum = 0d;
      for (int i = 0; i < neuron.weights().length; i++) {
        sum += neuron.weights()[i] * values[neuron.inputs()[i]];
      }
      values[neuron.output()] = layer.activation().apply(sum + neuron.bias());
    }
    if (layer.softmax()) {
      softmax(layer.neurons(), values);
    }
  }

  private static void softmax(List<Neuron> neurons, double[] values) {
    double max = values[neurons.get(0).output()];
    for (Neuron neuron : neurons) {
      if (Double.compare(max, values[neuron.output()]) < 0) {
        max = values[neuron.output()];
      }
    }
    double sum = 0d;
    for (Neuron neuron : neurons) {
      values[neuron.output()] = Math.exp(values[neuron.output()] - max);
      sum += values[neuron.output()];
    }
    for (Neuron neuron : neurons) {
      values[neuron.output()] /= sum;
    }
  }
}
