package org.pillion.differential;

import java.util.Random;

/** Random chains of regressions and trees: of one or several results, and chains in chains. */
final class GeneratedChain {
  private final GeneratedFields fields;
  private final Random random;
  private int outputs;

  GeneratedChain(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
  }

  /** A chain whose last segment predicts for y; %s is the schema. */
  String single() {
    return "<MiningModel functionName='regression'>%s" + segmentation("modelChain", "y", 2);
  }

  /** A chain whose segments predict for a field each; %s is the schema. */
  String multiple() {
    String mixed = random.nextBoolean() ? "mixed" : "regression";
    return "<MiningModel functionName='%s'>".formatted(mixed)
        + "%s"
        + "<Segmentation multipleModelMethod='x-multiModelChain'"
        + treatment()
        + ">"
        + segment(model("y", "", true))
        + segment(model("z", "", true))
        + "</Segmentation></MiningModel>";
  }

  private String segmentation(String method, String target, int depth) {
    StringBuilder text = new StringBuilder();
    text.append("<Segmentation multipleModelMethod='" + method + "'" + treatment() + ">");
    String seen = "";
    int count = random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int before = outputs;
      boolean chain = depth > 0 && random.nextInt(3) == 0;
      text.append(segment(chain ? nested(depth) : model(null, seen, true)));
      if (outputs > before) {
        seen += "<MiningField name='q%d'/>".formatted(outputs);
      }
    }
    String last =
        seen.isEmpty() ? "" : "<NumericPredictor name='q%d' coefficient='1'/>".formatted(outputs);
    String table = "<RegressionTable intercept='0.5'>" + last + predictor() + "</RegressionTable>";
    String model =
        "<RegressionModel functionName='regression'>"
            + schema(target, seen)
            + table
            + "</RegressionModel>";
    return text.append(segment(model)).append("</Segmentation></MiningModel>").toString();
  }

  private String nested(int depth) {
    String target = random.nextBoolean() ? "y" : null;
    String inner = segmentation("modelChain", random.nextBoolean() ? target : null, depth - 1);
    return "<MiningModel functionName='regression'>" + schema(target, "") + output() + inner;
  }

  private String model(String target, String seen, boolean withOutput) {
    String output = withOutput ? output() : "";
    if (random.nextBoolean()) {
      return "<RegressionModel functionName='regression'>"
          + schema(target, seen)
          + output
          + "<RegressionTable intercept='0.25'>"
          + predictor()
          + "</RegressionTable></RegressionModel>";
    }
    GeneratedPredicates predicates = new GeneratedPredicates(fields);
    return "<TreeModel functionName='regression' missingValueStrategy='nullPrediction'>"
        + schema(target, seen)
        + output
        + "<Node score='1'><True/><Node score='2'>"
        + predicates.any(1)
        + "</Node><Node score='3'>"
        + predicates.any(1)
        + "</Node></Node></TreeModel>";
  }

  private String output() {
    outputs++;
    return "<Output><OutputField name='q%d' optype='continuous' dataType='double'/></Output>"
        .formatted(outputs);
  }

  private String predictor() {
    return "<NumericPredictor name='%s' coefficient='%s'/>"
        .formatted(fields.number(false).name(), random.nextGaussian());
  }

  private String schema(String target, String seen) {
    String predicted =
        target == null ? "" : "<MiningField name='" + target + "' usageType='target'/>";
    return "<MiningSchema>" + predicted + fields.nestedSchema + seen + "</MiningSchema>";
  }

  private static String segment(String model) {
    return "<Segment><True/>" + model + "</Segment>";
  }

  private String treatment() {
    return random.nextBoolean() ? "" : " missingPredictionTreatment='returnMissing'";
  }
}
