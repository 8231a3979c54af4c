package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;

/**
 * {@code NeuralLayer}: neurons that see what comes before them, and are normalized together.
 *
 * @param altitude height of a radial basis
 */
record NeuralLayer(
    List<Neuron> neurons, Activation activation, double altitude, Normalizer normalizer) {
  /**
   * A neuron.
   *
   * @param output position of its value among those of all entities
   * @param inputs positions of the values that it sees
   * @param width of a radial basis
   */
  record Neuron(int output, int[] inputs, double[] weights, double bias, double width) {}

  private enum Normalizer {
    NONE,
    SIMPLEMAX,
    SOFTMAX
  }

  static NeuralLayer compile(Element network, Element layer, NeuralEntities entities) {
    layer.ignore("numberOfNeurons");
    for (Element element : List.of(network, layer)) {
      // Each activation function reads the ones that it has a use for.
      element.ignore("threshold", "altitude", "width");
    }
    Activation activation = Activation.compile(network, layer);
    Element normalizing = declaring(network, layer, "normalizationMethod");
    Normalizer normalizer =
        switch (normalizing.attribute("normalizationMethod", "none")) {
          case "none" -> Normalizer.NONE;
          case "simplemax" -> Normalizer.SIMPLEMAX;
          case "softmax" -> Normalizer.SOFTMAX;
          default -> throw normalizing.unsupported("normalizationMethod");
        };
    List<Neuron> neurons = new ArrayList<>();
    for (Element child : layer.children("Neuron")) {
      neurons.add(neuron(network, layer, child, activation, entities));
    }
    if (neurons.isEmpty()) {
      throw layer.invalid("has no Neuron");
    }
    double altitude = declaring(network, layer, "altitude").finite("altitude", 1d);
    return new NeuralLayer(neurons, activation, altitude, normalizer);
  }

  /** The element whose attribute counts: the layer's where it has one, else the network's. */
  static Element declaring(Element network, Element layer, String attribute) {
    return layer.attribute(attribute) == null ? network : layer;
  }

  private static Neuron neuron(
      Element network,
      Element layer,
      Element element,
      Activation activation,
      NeuralEntities entities) {
    element.ignore("width", "altitude", "bias");
    List<Element> connections = element.children("Con");
    if (connections.isEmpty()) {
      throw element.invalid("has no Con");
    }
    int[] from = new int[connections.size()];
    double[] weights = new double[from.length];
    for (int i = 0; i < from.length; i++) {
      from[i] = entities.position(connections.get(i), "from");
      weights[i] = connections.get(i).finite("weight");
    }
    double width = 0d;
    double bias = 0d;
    if (activation.isRadial()) {
      Element wide = element.attribute("width") == null ? network : element;
      width = (wide == network ? declaring(network, layer, "width") : wide).finite("width");
    } else {
      bias = element.finite("bias", 0d);
    }
    return new Neuron(entities.declare(element), from, weights, bias, width);
  }

  /** Computes the values of its neurons from those before them. */
  void propagate(double[] values) {
    for (Neuron neuron : neurons) {
      values[neuron.output()] =
          activation.isRadial() ? radial(neuron, values) : activation.apply(sum(neuron, values));
    }
    switch (normalizer) {
      case NONE -> {}
      case SIMPLEMAX -> divide(values);
      case SOFTMAX -> softmax(values);
      default -> throw new IllegalStateException();
    }
  }

  private static double sum(Neuron neuron, double[] values) {
    double sum = 0d;
    for (int i = 0; i < neuron.weights().length; i++) {
      sum += neuron.weights()[i] * values[neuron.inputs()[i]];
    }
    return sum + neuron.bias();
  }

  private double radial(Neuron neuron, double[] values) {
    double sum = 0d;
    for (int i = 0; i < neuron.weights().length; i++) {
      double distance = values[neuron.inputs()[i]] - neuron.weights()[i];
      sum += distance * distance;
    }
    sum /= neuron.width() * neuron.width() * -2d;
    if (altitude != 1d) {
      sum += Math.log(altitude) * neuron.weights().length;
    }
    return Math.exp(sum);
  }

  private void softmax(double[] values) {
    double max = values[neurons.get(0).output()];
    for (Neuron neuron : neurons) {
      if (Double.compare(max, values[neuron.output()]) < 0) {
        max = values[neuron.output()];
      }
    }
    for (Neuron neuron : neurons) {
      values[neuron.output()] = Math.exp(values[neuron.output()] - max);
    }
    divide(values);
  }

  /** Divides by the sum; where that is zero, nothing is left to compare. */
  private void divide(double[] values) {
    double sum = values[neurons.get(0).output()];
    for (int i = 1; i < neurons.size(); i++) {
      sum += values[neurons.get(i).output()];
    }
    if (sum == 0d) {
      throw new ArithmeticException("the values of a layer add up to zero");
    }
    for (Neuron neuron : neurons) {
      values[neuron.output()] /= sum;
    }
  }
}
