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
    return switch (random.nextInt(20)) {
      case 0, 1 -> regression();
      case 2, 3 -> classification();
      case 4 -> numberModel(tree("regression"), random.nextBoolean() ? NODE : "");
      case 5 -> classModel(3, tree("classification"));
      case 6, 7 -> numberModel(forest("regression"));
      case 8 -> numbersModel("y", new GeneratedChain(fields).single());
      case 9 -> numbersModel("y z", new GeneratedChain(fields).multiple());
      case 10 -> scorecard();
      case 11 -> ruleSet();
      case 12 -> numberModel(new GeneratedVectorMachine(fields).number());
      case 13 -> classModel(CLASSES, new GeneratedVectorMachine(fields).nearest(CLASSES), "");
      case 14 -> classModel(3, new GeneratedVectorMachine(fields).voted(CLASSES));
      case 15 -> numberModel(new GeneratedNetwork(fields).number());
      case 16 -> network();
      case 17 -> numberModel(new GeneratedSegments(this, fields).numbers());
      case 18 -> classModel(3, new GeneratedSegments(this, fields).classes());
      default -> classModel(3, forest("classification"));
    };
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
    boolean plain = !outputs.contains("entityId") && !outputs.contains("confidence");
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
        + " function='*'><FieldRef field='p'/><Constant dataType='double'>3</Constant></Apply>"
        + "</OutputField>"
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

  private String regression() {
    String method = pick("none", "none", "logit", "exp", "cloglog", "loglog", "cauchit", "softmax");
    return numberModel(
        "<RegressionModel functionName='regression' normalizationMethod='"
            + method
            + "'"
            + precision()
            + ">%s%s"
            + table("")
            + "</RegressionModel>");
  }

  private String classification() {
    int classes = random.nextBoolean() ? 2 : 3;
    String method =
        classes == 2
            ? pick("none", "logit", "softmax", "simplemax", "cloglog", "loglog", "cauchit")
            : pick("none", "softmax", "simplemax", "logit");
    StringBuilder tables = new StringBuilder();
    for (int i = 0; i < classes; i++) {
      String category = "targetCategory='" + CLASSES.get(i) + "'";
      boolean last = i == classes - 1;
      tables.append(
          last && random.nextBoolean()
              ? "<RegressionTable intercept='0.0' " + category + "/>"
              : table(category));
    }
    return classModel(
        classes,
        "<RegressionModel functionName='classification' normalizationMethod='"
            + method
            + "'"
            + precision()
            + ">%s%s"
            + tables
            + "</RegressionModel>");
  }

  private String table(String category) {
    StringBuilder table = new StringBuilder("<RegressionTable intercept='%s' %s>");
    int numbers = random.nextInt(4);
    for (int i = 0; i < numbers; i++) {
      String exponent = random.nextInt(5) == 0 ? " exponent='2'" : "";
      table.append(
          "<NumericPredictor name='%s' coefficient='%s'%s/>"
              .formatted(fields.number(false).name(), coefficient(), exponent));
    }
    int groups = random.nextInt(3);
    for (int i = 0; i < groups; i++) {
      GeneratedFields.Field field = fields.any();
      for (int j = 0; j <= random.nextInt(3); j++) {
        table.append(
            "<CategoricalPredictor name='%s' value='%s' coefficient='%s'/>"
                .formatted(field.name(), fields.constant(field), coefficient()));
      }
    }
    int terms = random.nextInt(3);
    for (int i = 0; i < terms; i++) {
      table.append("<PredictorTerm coefficient='" + coefficient() + "'>");
      for (int j = 0; j <= random.nextInt(3); j++) {
        table.append("<FieldRef field='" + fields.number(false).name() + "'/>");
      }
      table.append("</PredictorTerm>");
    }
    String intercept = random.nextInt(4) == 0 ? "0" : coefficient();
    return table.append("</RegressionTable>").toString().formatted(intercept, category);
  }

  /** The precision of a model's own arithmetic, as exporters of boosters write it. */
  private String precision() {
    return random.nextInt(3) == 0 ? " x-mathContext='float'" : "";
  }

  private String coefficient() {
    return Double.toString(random.nextGaussian() / 10);
  }

  private String forest(String function) {
    boolean classes = function.equals("classification");
    String method =
        classes
            ? pick("average", "weightedAverage", "majorityVote", "weightedMajorityVote")
            : pick("sum", "weightedSum", "average", "weightedAverage");
    String treatment = random.nextBoolean() ? "" : " missingPredictionTreatment='returnMissing'";
    StringBuilder segments = new StringBuilder();
    for (int i = 0; i <= random.nextInt(8); i++) {
      String weight = random.nextBoolean() ? "" : " weight='" + (1 + random.nextInt(4)) / 4d + "'";
      String schema = "<MiningSchema>" + fields.nestedSchema + "</MiningSchema>";
      segments.append(
          "<Segment" + weight + "><True/>" + tree(function).formatted(schema, "") + "</Segment>");
    }
    return "<MiningModel functionName='%s'%s>".formatted(function, precision())
        + "%s%s<Segmentation multipleModelMethod='"
        + method
        + "'"
        + treatment
        + ">"
        + segments
        + "</Segmentation></MiningModel>";
  }

  /** A tree; {@code %s} twice is schema and output. */
  String tree(String function) {
    boolean classes = function.equals("classification");
    String missing =
        pick("none", "nullPrediction", "lastPrediction", "defaultChild", "nullPrediction");
    String last = random.nextBoolean() ? "returnLastPrediction" : "returnNullPrediction";
    return "<TreeModel functionName='%s' missingValueStrategy='%s' noTrueChildStrategy='%s'%s>"
            .formatted(function, missing, last, precision())
        + "%s%s"
        + node("<True/>", "n", 3, classes)
        + "</TreeModel>";
  }

  private String node(String predicate, String id, int depth, boolean classes) {
    String score =
        classes ? CLASSES.get(random.nextInt(3)) : Double.toString(random.nextGaussian());
    boolean leaf = depth == 0 || random.nextInt(5) == 0;
    StringBuilder node = new StringBuilder();
    node.append("<Node id='%s' score='%s'".formatted(id, score));
    node.append(leaf ? ">" : " defaultChild='" + id + random.nextInt(2) + "'>");
    node.append(predicate);
    if (classes) {
      for (String name : CLASSES) {
        node.append(
            "<ScoreDistribution value='%s' recordCount='%d'/>"
                .formatted(name, 1 + random.nextInt(9)));
      }
    }
    if (!leaf) {
      GeneratedPredicates predicates = new GeneratedPredicates(fields);
      node.append(node(predicates.any(1), id + "0", depth - 1, classes));
      String second = random.nextInt(3) == 0 ? "<True/>" : predicates.any(1);
      node.append(node(second, id + "1", depth - 1, classes));
    }
    return node.append("</Node>").toString();
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
