package org.pillion.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A random {@code NeuralNetwork}; {@code %s} twice is schema and output. */
final class GeneratedNetwork {
  private final GeneratedFields fields;
  private final Random random;

  GeneratedNetwork(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
  }

  /** One that predicts the number y, as it is or by the norms of another scale. */
  String number() {
    String expression =
        random.nextBoolean()
            ? "<FieldRef field='y'/>"
            : "<NormContinuous field='y'><LinearNorm orig='-40' norm='-2'/><LinearNorm orig='0'"
                + " norm='0.25'/><LinearNorm orig='100.5' norm='3'/></NormContinuous>";
    return network("regression", List.of(expression));
  }

  /** One that chooses y from some classes. */
  String classes(List<String> classes) {
    return network(
        "classification",
        classes.stream().map(c -> "<NormDiscrete field='y' value='" + c + "'/>").toList());
  }

  static String outputs() {
    return "<OutputField name='winner' optype='categorical' dataType='string'"
        + " feature='entityId'/>";
  }

  private String network(String function, List<String> outputs) {
    StringBuilder text = new StringBuilder();
    text.append(
        "<NeuralNetwork functionName='%s' activationFunction='%s' width='1.5' altitude='2'>"
            .formatted(function, activation()));
    text.append("%s%s<NeuralInputs>");
    List<String> before = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      before.add("i" + i);
      text.append(input(before.get(i)));
    }
    text.append("</NeuralInputs>");
    for (int layer = 0; layer < random.nextInt(2); layer++) {
      before = layer(text, "h" + layer, 1 + random.nextInt(3), before);
    }
    before = layer(text, "o", outputs.size(), before);
    text.append("<NeuralOutputs>");
    for (int i = 0; i < outputs.size(); i++) {
      text.append(
          ("<NeuralOutput outputNeuron='%s'><DerivedField optype='continuous' dataType='double'>"
                  + "%s</DerivedField></NeuralOutput>")
              .formatted(before.get(i), outputs.get(i)));
    }
    return text.append("</NeuralOutputs></NeuralNetwork>").toString();
  }

  private String input(String id) {
    return ("<NeuralInput id='%s'><DerivedField optype='continuous' dataType='double'><FieldRef"
            + " field='%s'/></DerivedField></NeuralInput>")
        .formatted(id, fields.number(false).name());
  }

  private List<String> layer(StringBuilder text, String name, int size, List<String> before) {
    String attributes = random.nextBoolean() ? "" : " activationFunction='" + activation() + "'";
    if (random.nextInt(3) == 0) {
      attributes += " normalizationMethod='" + pick("softmax", "simplemax", "none") + "'";
    }
    if (random.nextInt(4) == 0) {
      attributes += " threshold='0.5'";
    }
    text.append("<NeuralLayer" + attributes + ">");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      ids.add(name + i);
      String bias = random.nextBoolean() ? "" : " bias='" + random.nextGaussian() + "'";
      text.append("<Neuron id='" + name + i + "'" + bias + ">");
      for (String from : before) {
        text.append("<Con from='%s' weight='%s'/>".formatted(from, random.nextGaussian() / 10));
      }
      text.append("</Neuron>");
    }
    text.append("</NeuralLayer>");
    return ids;
  }

  private String activation() {
    return pick(
        "threshold",
        "logistic",
        "tanh",
        "identity",
        "exponential",
        "reciprocal",
        "square",
        "Gauss",
        "sine",
        "cosine",
        "Elliott",
        "arctan",
        "rectifier",
        "radialBasis");
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
