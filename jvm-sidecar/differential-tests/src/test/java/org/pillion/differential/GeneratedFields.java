package org.pillion.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Input fields with random treatments, and random derived fields over them. */
final class GeneratedFields {
  record Field(String name, String optype, String dataType, List<String> values) {
    boolean isNumber() {
      return !dataType.equals("string") && !dataType.equals("boolean");
    }

    boolean isContinuous() {
      return optype.equals("continuous");
    }
  }

  private static final List<Field> INPUTS =
      List.of(
          new Field("c1", "categorical", "string", List.of("red", "green", "blue")),
          new Field("c2", "categorical", "string", List.of()),
          new Field("o1", "ordinal", "string", List.of("low", "middle", "high")),
          new Field("i1", "continuous", "integer", List.of()),
          new Field("d1", "continuous", "double", List.of()),
          new Field("d2", "continuous", "double", List.of()),
          new Field("d3", "continuous", "double", List.of()),
          new Field("f1", "continuous", "float", List.of()),
          new Field("b1", "categorical", "boolean", List.of()),
          new Field("k1", "categorical", "integer", List.of("20", "30", "40", "50")),
          new Field("k2", "categorical", "double", List.of("0", "1", "2.5")));

  final Random random;
  final StringBuilder dictionary = new StringBuilder();
  final StringBuilder schema = new StringBuilder();
  final StringBuilder nestedSchema = new StringBuilder();
  final StringBuilder derived = new StringBuilder();
  final List<Field> fields = new ArrayList<>();

  GeneratedFields(Random random) {
    this.random = random;
    for (Field input : INPUTS) {
      if (random.nextInt(4) > 0 || input.name().equals("d1")) {
        declare(input);
        fields.add(input);
      }
    }
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      derive("x" + i);
    }
  }

  private void declare(Field field) {
    dictionary.append(
        "<DataField name='%s' optype='%s' dataType='%s'>"
            .formatted(field.name(), field.optype(), field.dataType()));
    if (field.name().equals("d3") && random.nextBoolean()) {
      dictionary.append("<Interval closure='closedOpen' leftMargin='-20' rightMargin='40.5'/>");
    }
    if (field.name().equals("c1") && random.nextInt(4) == 0) {
      dictionary.append("<Value value='1' property='missing'/>");
    }
    field.values().forEach(v -> dictionary.append("<Value value='" + v + "'/>"));
    if (field.name().equals("d2") && random.nextInt(4) == 0) {
      dictionary.append("<Value value='0.5' property='invalid'/>");
      dictionary.append("<Value value='-1' property='missing'/>");
    }
    dictionary.append("</DataField>");
    schema.append("<MiningField name='" + field.name() + "'" + treatments(field) + "/>");
    nestedSchema.append("<MiningField name='" + field.name() + "'");
    nestedSchema.append(random.nextBoolean() ? "" : " invalidValueTreatment='asIs'");
    nestedSchema.append(random.nextBoolean() ? "/>" : " optype='" + field.optype() + "'/>");
  }

  private String treatments(Field field) {
    String replacement =
        switch (field.dataType()) {
          case "string" -> field.name().startsWith("o") ? "middle" : "red";
          case "boolean" -> "true";
          default -> field.values().isEmpty() ? "7" : field.values().get(1);
        };
    StringBuilder text = new StringBuilder();
    switch (random.nextInt(6)) {
      case 0 -> text.append(" missingValueReplacement='" + replacement + "'");
      case 1 ->
          text.append(
              " missingValueReplacement='" + replacement + "' missingValueTreatment='asMode'");
      case 2 -> text.append(" missingValueTreatment='returnInvalid'");
      default -> {}
    }
    switch (random.nextInt(7)) {
      case 0 -> text.append(" invalidValueTreatment='asIs'");
      case 1 -> text.append(" invalidValueTreatment='asMissing'");
      case 2 ->
          text.append(
              " invalidValueTreatment='asValue' invalidValueReplacement='" + replacement + "'");
      case 3 -> text.append(" invalidValueTreatment='asValue'");
      default -> {}
    }
    if (field.dataType().equals("double") && field.isContinuous() && random.nextInt(4) == 0) {
      String treatment = random.nextBoolean() ? "asMissingValues" : "asExtremeValues";
      text.append(" outliers='" + treatment + "' lowValue='-10' highValue='25.5'");
    }
    return text.toString();
  }

  private void derive(String name) {
    Field field;
    String expression;
    if (random.nextInt(4) == 0) {
      field = new Field(name, "categorical", "string", List.of("red", "low", "high"));
      expression = new GeneratedExpressions(this).text();
    } else {
      boolean continuous = random.nextInt(3) > 0;
      String type = random.nextInt(6) == 0 ? "float" : "double";
      field = new Field(name, continuous ? "continuous" : "categorical", type, List.of());
      expression = new GeneratedExpressions(this).number(2);
    }
    derived.append(
        "<DerivedField name='%s' optype='%s' dataType='%s'>%s</DerivedField>"
            .formatted(name, field.optype(), field.dataType(), expression));
    fields.add(field);
  }

  Field any() {
    return fields.get(random.nextInt(fields.size()));
  }

  /** A field of numbers; there is always one. */
  Field number(boolean continuous) {
    List<Field> found =
        fields.stream().filter(f -> f.isNumber() && (!continuous || f.isContinuous())).toList();
    return found.get(random.nextInt(found.size()));
  }

  /** A constant that a field may be compared with. */
  String constant(Field field) {
    if (!field.values().isEmpty()) {
      return field.values().get(random.nextInt(field.values().size()));
    }
    return switch (field.dataType()) {
      case "string" -> List.of("red", "green", "never").get(random.nextInt(3));
      case "boolean" -> random.nextBoolean() ? "true" : "false";
      case "integer" -> Integer.toString(random.nextInt(80));
      default -> decimal();
    };
  }

  /** The precision of a model's own arithmetic, as exporters of boosters write it. */
  String precision() {
    return random.nextInt(3) == 0 ? " x-mathContext='float'" : "";
  }

  String decimal() {
    return switch (random.nextInt(5)) {
      case 0 -> "0";
      case 1 -> Integer.toString(random.nextInt(20) - 5);
      default -> Double.toString(random.nextGaussian() * 15 + 5);
    };
  }
}
