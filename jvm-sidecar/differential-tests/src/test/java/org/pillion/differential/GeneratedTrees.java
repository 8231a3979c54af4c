package org.pillion.differential;

import java.util.List;
import java.util.Random;

/** Random trees, and ensembles of them; {@code %s} twice is schema and output. */
final class GeneratedTrees {
  private final GeneratedFields fields;
  private final Random random;
  private final List<String> names;

  GeneratedTrees(GeneratedFields fields, List<String> classes) {
    this.fields = fields;
    this.random = fields.random;
    this.names = classes;
  }

  String forest(String function) {
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
      String unseen = random.nextInt(4) > 0 ? "" : "<Output><OutputField name='unseen'/></Output>";
      segments.append(
          "<Segment"
              + weight
              + "><True/>"
              + tree(function, false).formatted(schema, unseen)
              + "</Segment>");
    }
    return "<MiningModel functionName='%s'%s>".formatted(function, fields.precision())
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
    return tree(function, random.nextInt(3) == 0);
  }

  /**
   * A tree.
   *
   * @param ragged whether nodes may have distributions of other classes, or empty ones
   */
  private String tree(String function, boolean ragged) {
    boolean classes = function.equals("classification");
    String missing =
        pick("none", "nullPrediction", "lastPrediction", "defaultChild", "nullPrediction");
    String last = random.nextBoolean() ? "returnLastPrediction" : "returnNullPrediction";
    return "<TreeModel functionName='%s' missingValueStrategy='%s' noTrueChildStrategy='%s'%s>"
            .formatted(function, missing, last, fields.precision())
        + "%s%s"
        + node("<True/>", "n", 3, classes, ragged)
        + "</TreeModel>";
  }

  private String node(String predicate, String id, int depth, boolean classes, boolean ragged) {
    String score = classes ? names.get(random.nextInt(3)) : Double.toString(random.nextGaussian());
    boolean leaf = depth == 0 || random.nextInt(5) == 0;
    StringBuilder node = new StringBuilder();
    node.append("<Node id='%s' score='%s'".formatted(id, score));
    node.append(leaf ? ">" : " defaultChild='" + id + random.nextInt(2) + "'>");
    node.append(predicate);
    if (classes) {
      node.append(distribution(ragged));
    }
    if (!leaf) {
      GeneratedPredicates predicates = new GeneratedPredicates(fields);
      node.append(node(predicates.any(1), id + "0", depth - 1, classes, ragged));
      String second = random.nextInt(3) == 0 ? "<True/>" : predicates.any(1);
      node.append(node(second, id + "1", depth - 1, classes, ragged));
    }
    return node.append("</Node>").toString();
  }

  private String distribution(boolean ragged) {
    StringBuilder shares = new StringBuilder();
    boolean empty = ragged && random.nextInt(8) == 0;
    for (String name : names) {
      if (!ragged || random.nextInt(4) > 0 || name.equals(names.get(0))) {
        shares.append(
            "<ScoreDistribution value='%s' recordCount='%d'/>"
                .formatted(name, empty ? 0 : 1 + random.nextInt(9)));
      }
    }
    return shares.toString();
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
