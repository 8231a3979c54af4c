package org.pillion.differential;

import java.util.List;
import java.util.Random;

/** A random segmentation whose segments are for some rows only; {@code %s} twice as ever. */
final class GeneratedSegments {
  private final GeneratedFields fields;
  private final Random random;
  private final GeneratedTrees trees;
  private int outputs;

  GeneratedSegments(GeneratedFields fields, List<String> classes) {
    this.trees = new GeneratedTrees(fields, classes);
    this.fields = fields;
    this.random = fields.random;
  }

  String numbers() {
    return random.nextBoolean()
        ? selectFirst("regression")
        : segmentation(
            "regression", pick("sum", "weightedSum", "average", "weightedAverage"), false);
  }

  String classes() {
    return selectFirst("classification");
  }

  private String selectFirst(String function) {
    return segmentation(function, "selectFirst", random.nextBoolean());
  }

  /**
   * A segmentation.
   *
   * @param named whether the segments name the field that they predict
   */
  private String segmentation(String function, String method, boolean named) {
    boolean first = method.equals("selectFirst");
    String treatment =
        pick(
            "",
            "",
            " missingPredictionTreatment='" + (first ? "skipSegment" : "returnMissing") + "'");
    StringBuilder segments = new StringBuilder();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      boolean last = i == count - 1 && random.nextBoolean();
      String predicate = last ? "<True/>" : new GeneratedPredicates(fields).any(1);
      // Weights that add up to zero are refused, so the last one is more than that.
      double share = (random.nextInt(4) + (i == count - 1 ? 1 : 0)) / 4d;
      String weight = random.nextBoolean() ? "" : " weight='" + share + "'";
      segments.append(
          "<Segment%s>%s%s</Segment>"
              .formatted(weight, predicate, model(function, named, first && random.nextBoolean())));
    }
    return "<MiningModel functionName='%s'>".formatted(function)
        + "%s%s<Segmentation multipleModelMethod='"
        + method
        + "'"
        + treatment
        + ">"
        + segments
        + "</Segmentation></MiningModel>";
  }

  private String model(String function, boolean named, boolean withOutput) {
    String target = named ? "<MiningField name='y' usageType='target'/>" : "";
    String schema = "<MiningSchema>" + target + fields.nestedSchema + "</MiningSchema>";
    return trees.tree(function).formatted(schema, withOutput ? output(function) : "");
  }

  private String output(String function) {
    outputs++;
    return function.equals("regression")
        ? "<Output><OutputField name='s%d' optype='continuous' dataType='double'/></Output>"
            .formatted(outputs % 2)
        : "<Output><OutputField name='s%d' optype='categorical' dataType='string'/></Output>"
            .formatted(outputs % 2);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
