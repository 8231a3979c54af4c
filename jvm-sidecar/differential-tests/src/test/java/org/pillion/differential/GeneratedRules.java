package org.pillion.differential;

import java.util.List;
import java.util.Random;

/** A random {@code RuleSetModel}; {@code %s} twice is schema and output. */
final class GeneratedRules {
  private final GeneratedFields fields;
  private final Random random;
  private final List<String> classes;

  GeneratedRules(GeneratedFields fields, List<String> classes) {
    this.fields = fields;
    this.random = fields.random;
    this.classes = classes;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append("<RuleSetModel functionName='classification'>%s%s<RuleSet");
    if (random.nextInt(3) > 0) {
      text.append(" defaultScore='%s' defaultConfidence='%s'".formatted(pick(classes), share()));
    }
    text.append("><RuleSelectionMethod criterion='%s'/>".formatted(criterion()));
    for (int i = 0; i <= random.nextInt(5); i++) {
      text.append(rule(2));
    }
    return text.append("</RuleSet></RuleSetModel>").toString();
  }

  String outputs() {
    return "<OutputField name='sure' optype='continuous' dataType='double' feature='confidence'/>"
        + "<OutputField name='sureOfA' optype='continuous' dataType='double' feature='confidence'"
        + " value='A'/>";
  }

  private String criterion() {
    return pick(List.of("firstHit", "weightedSum", "weightedMax"));
  }

  private String rule(int depth) {
    String predicate = new GeneratedPredicates(fields).any(1);
    if (depth > 0 && random.nextInt(4) == 0) {
      return "<CompoundRule>%s%s%s</CompoundRule>"
          .formatted(predicate, rule(depth - 1), rule(depth - 1));
    }
    String confidence = random.nextInt(4) == 0 ? "" : " confidence='" + share() + "'";
    String weight = random.nextInt(4) == 0 ? "" : " weight='" + share() + "'";
    return "<SimpleRule score='%s'%s%s>%s</SimpleRule>"
        .formatted(pick(classes), confidence, weight, predicate);
  }

  private String share() {
    return random.nextBoolean()
        ? "0." + (1 + random.nextInt(9))
        : Double.toString(random.nextDouble());
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
