package org.pillion.differential;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** A random document of the kind that the compiled engine says it supports. */
final class GeneratedDocument {
  private static final List<String> CLASSES = List.of("A", "B", "C");
  private static final String NODE =
      "<OutputField name='node' optype='categorical' dataType='string' feature='entityId'/>";

  private final Random random;
  private final GeneratedFields fields;
  private final String text;

  GeneratedDocument(long seed) {
    random = new Random(seed);
    fields = new GeneratedFields(random);
    text = write();
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  String describe() {
    return text;
  }

  private String write() {
    return switch (random.nextInt(22)) {
      case 0, 1 -> numberModel(new GeneratedRegression(fields).number());
      case 2, 3 -> regression();
      case 4 ->
          numberModel(
              new GeneratedTrees(fields, CLASSES).tree("regression"),
              random.nextBoolean() ? NODE : "");
      case 5 -> classModel(3, new GeneratedTrees(fields, CLASSES).tree("classification"));
      case 6, 7 -> numberModel(new GeneratedTrees(fields, CLASSES).forest("regression"));
      case 8 -> numbersModel("y", new GeneratedChain(fields).single());
      case 9 -> numbersModel("y z", new GeneratedChain(fields).multiple());
      case 10 -> scorecard();
      case 11 -> ruleSet();
      case 12 -> numberModel(new GeneratedVectorMachine(fields).number());
      case 13 -> classModel(CLASSES, new GeneratedVectorMachine(fields).nearest(CLASSES), "");
      case 14 -> classModel(3, new GeneratedVectorMachine(fields).voted(CLASSES));
      case 15 -> numberModel(new GeneratedNetwork(fields).number());
      case 16 -> network();
      case 17 -> numberModel(new GeneratedSegments(fields, CLASSES).numbers());
      case 18 -> classModel(3, new GeneratedSegments(fields, CLASSES).classes());
      case 19 -> numberModel(new GeneratedGeneralRegression(fields).number());
      case 20 -> classModel(3, new GeneratedGeneralRegression(fields).classes(CLASSES));
      default -> classModel(3, new GeneratedTrees(fields, CLASSES).forest("classification"));
    };
  }

  private String regression() {
    List<String> classes = CLASSES.subList(0, random.nextBoolean() ? 2 : 3);
    return classModel(classes.size(), new GeneratedRegression(fields).classes(classes));
  }

  private String scorecard() {
    GeneratedScorecard scorecard = new GeneratedScorecard(fields);
    return numberModel(scorecard.text(), scorecard.outputs());
  }

  private String ruleSet() {
    GeneratedRules rules = new GeneratedRules(fields, CLASSES);
    return classModel(CLASSES, rules.text(), rules.outputs());
  }

  private String network() {
    String outputs = probabilities(CLASSES) + GeneratedNetwork.outputs();
    return classModel(CLASSES, new GeneratedNetwork(fields).classes(CLASSES), outputs);
  }

  private String document(String target, String model) {
    return ("<PMML xmlns='http://www.dmg.org/PMML-4_4' version='4.4'><Header/><DataDictionary>%s%s"
            + "</DataDictionary>%s%s</PMML>")
        .formatted(
            fields.dictionary,
            target,
            "<TransformationDictionary>" + fields.derived + "</TransformationDictionary>",
            model);
  }

  private String numberModel(String model) {
    return numberModel(model, "");
  }

  private String numberModel(String model, String outputs) {
    return document(
        "<DataField name='y' optype='continuous' dataType='double'/>",
        model.formatted(schema("y"), numberOutput(outputs) + targets(model, outputs.isEmpty())));
  }

  private String numbersModel(String targets, String model) {
    StringBuilder dictionary = new StringBuilder();
    StringBuilder schema = new StringBuilder("<MiningSchema>");
    for (String target : targets.split(" ")) {
      dictionary.append(
          "<DataField name='%s' optype='continuous' dataType='double'/>".formatted(target));
      schema.append("<MiningField name='%s' usageType='target'/>".formatted(target));
    }
    schema.append(fields.schema).append("</MiningSchema>");
    return document(dictionary.toString(), model.formatted(schema));
  }

  private String classModel(int classes, String model) {
    List<String> names = CLASSES.subList(0, classes);
    return classModel(names, model, probabilities(names));
  }

  private String classModel(List<String> classes, String model, String outputs) {
    return document(
        "<DataField name='y' optype='categorical' dataType='string'>%s</DataField>"
            .formatted(
                classes.stream()
                    .map(c -> "<Value value='" + c + "'/>")
                    .collect(Collectors.joining())),
        model.formatted(schema("y"), classOutput(outputs) + priors(model, outputs)));
  }

  private String schema(String target) {
    return "<MiningSchema><MiningField name='%s' usageType='target'/>%s</MiningSchema>"
        .formatted(target, fields.schema);
  }

  /**
   * What is done to a predicted number.
   *
   * @param plain whether the model returns nothing that a default prediction does not have
   */
  private String targets(String model, boolean plain) {
    String value = "";
    if (plain && !model.startsWith("<MiningModel")) {
      value = pick("", "", "<TargetValue defaultValue='7.25'/>", "<TargetValue/>");
    }
    return switch (random.nextInt(4)) {
      case 0 ->
          "<Targets><Target field='y' rescaleFactor='1.5' rescaleConstant='-0.25'>%s</Target></Targets>"
              .formatted(value);
      case 1 ->
          "<Targets><Target field='y' min='-5' max='20' castInteger='round'>%s</Target></Targets>"
              .formatted(value);
      default -> "";
    };
  }

  /** Shares of all classes, of which some may be missing. */
  private String priors(String model, String outputs) {
    // Trees have the classes that their leaves count, and priors are refused for others.
    String count = "<ScoreDistribution value='%s'";
    boolean counted =
        !model.contains("<ScoreDistribution")
            || model.contains(count.formatted("A")) && model.contains(count.formatted("B"));
    boolean plain = counted && !outputs.contains("entityId") && !outputs.contains("confidence");
    if (!plain || model.startsWith("<MiningModel") || random.nextBoolean()) {
      return "";
    }
    boolean complete = random.nextInt(3) > 0;
    String first = complete ? " priorProbability='0.3'" : "";
    return "<Targets><Target field='y' optype='categorical'><TargetValue value='B'%s/>"
            .formatted(first)
        + "<TargetValue value='A' priorProbability='0.45'/></Target></Targets>";
  }

  private static String numberOutput(String others) {
    return "<Output><OutputField name='p' optype='continuous' dataType='double'/><OutputField"
        + " name='q' optype='continuous' dataType='double' feature='transformedValue'><Apply"
        + " function='*'><FieldRef field='p'/><Constant>3</Constant></Apply></OutputField>"
        + "<OutputField name='d' optype='categorical' dataType='string' feature='decision'>"
        + "<Decisions><Decision value='yes'/></Decisions><Apply function='if'><Apply"
        + " function='lessThan'><FieldRef field='p'/><Constant>2.5</Constant></Apply>"
        + "<Constant>yes</Constant><Constant>no</Constant></Apply></OutputField>"
        + others
        + "</Output>";
  }

  private static String classOutput(String others) {
    return "<Output><OutputField name='p' optype='categorical' dataType='string'/>"
        + others
        + "</Output>";
  }

  private static String probabilities(List<String> classes) {
    StringBuilder output = new StringBuilder();
    output.append("<OutputField name='best' optype='continuous' dataType='double'");
    output.append(" feature='probability'/>");
    for (String name : classes) {
      output.append(
          "<OutputField name='p(%s)' optype='continuous' dataType='double' feature='probability'"
                  .formatted(name)
              + " value='"
              + name
              + "'/>");
    }
    return output.toString();
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
