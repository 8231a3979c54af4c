package org.pillion.differential;

import java.util.List;
import java.util.Random;

/** A random {@code SupportVectorMachineModel}; {@code %s} twice is schema and output. */
final class GeneratedVectorMachine {
  private static final int VECTORS = 4;

  private final GeneratedFields fields;
  private final Random random;

  GeneratedVectorMachine(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
  }

  String number() {
    return model("functionName='regression'", machine(""));
  }

  /** Of three classes: the one whose machine has the least sum. */
  String nearest(List<String> classes) {
    StringBuilder machines = new StringBuilder();
    classes.forEach(name -> machines.append(machine(" targetCategory='" + name + "'")));
    return model("functionName='classification'", machines.toString());
  }

  /** Of some classes: votes of a machine for each pair. */
  String voted(List<String> classes) {
    StringBuilder machines = new StringBuilder();
    for (String own : classes) {
      for (String other : classes.subList(classes.indexOf(own) + 1, classes.size())) {
        String threshold = random.nextBoolean() ? "" : " threshold='" + number(1) + "'";
        machines.append(
            machine(
                " targetCategory='%s' alternateTargetCategory='%s'%s"
                    .formatted(own, other, threshold)));
      }
    }
    String method = " classificationMethod='OneAgainstOne' threshold='" + number(1) + "'";
    return model("functionName='classification'" + method, machines.toString());
  }

  private String model(String attributes, String machines) {
    StringBuilder dictionary = new StringBuilder("<VectorDictionary><VectorFields>");
    int size = 1 + random.nextInt(4);
    for (int i = 0; i < size; i++) {
      dictionary.append(part());
    }
    dictionary.append("</VectorFields>");
    for (int i = 0; i < VECTORS; i++) {
      dictionary.append("<VectorInstance id='v" + i + "'>" + vector(size) + "</VectorInstance>");
    }
    dictionary.append("</VectorDictionary>");
    return "<SupportVectorMachineModel "
        + attributes
        + ">%s%s"
        + kernel()
        + dictionary
        + machines
        + "</SupportVectorMachineModel>";
  }

  private String part() {
    if (random.nextInt(3) > 0) {
      return "<FieldRef field='" + fields.number(false).name() + "'/>";
    }
    GeneratedFields.Field field = fields.any();
    return "<CategoricalPredictor name='%s' value='%s' coefficient='1'/>"
        .formatted(field.name(), fields.constant(field));
  }

  private String vector(int size) {
    if (random.nextBoolean()) {
      return "<REAL-SparseArray n='%d'><Indices>%d</Indices><REAL-Entries>%s</REAL-Entries>"
              .formatted(size, 1 + random.nextInt(size), number(20))
          + "</REAL-SparseArray>";
    }
    StringBuilder array = new StringBuilder("<Array type='real' n='" + size + "'>");
    for (int i = 0; i < size; i++) {
      array.append(number(20)).append(' ');
    }
    return array.append("</Array>").toString();
  }

  private String kernel() {
    return switch (random.nextInt(4)) {
      case 0 -> "<LinearKernelType/>";
      case 1 -> "<PolynomialKernelType gamma='0.01' coef0='0.5' degree='3'/>";
      case 2 -> "<RadialBasisKernelType gamma='0.005'/>";
      default -> "<SigmoidKernelType gamma='0.001' coef0='-0.25'/>";
    };
  }

  private String machine(String attributes) {
    StringBuilder vectors = new StringBuilder();
    StringBuilder weights = new StringBuilder();
    for (int i = 0; i <= random.nextInt(VECTORS); i++) {
      vectors.append("<SupportVector vectorId='v" + random.nextInt(VECTORS) + "'/>");
      weights.append("<Coefficient value='" + number(1) + "'/>");
    }
    return ("<SupportVectorMachine%s><SupportVectors>%s</SupportVectors><Coefficients"
            + " absoluteValue='%s'>%s</Coefficients></SupportVectorMachine>")
        .formatted(attributes, vectors, number(1), weights);
  }

  private String number(double scale) {
    return Double.toString(random.nextGaussian() * scale);
  }
}
