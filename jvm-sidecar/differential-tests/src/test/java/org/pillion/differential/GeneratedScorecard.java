package org.pillion.differential;

import java.util.Random;

/** A random {@code Scorecard}, with or without reason codes; {@code %s} twice is schema, output. */
final class GeneratedScorecard {
  private final GeneratedFields fields;
  private final Random random;
  private final boolean explained;

  GeneratedScorecard(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
    this.explained = random.nextInt(4) > 0;
  }

  String text() {
    StringBuilder text = new StringBuilder("<Scorecard functionName='regression'");
    if (random.nextBoolean()) {
      text.append(" initialScore='%s'".formatted(points()));
    }
    text.append(explained ? " baselineScore='%s'".formatted(points()) : " useReasonCodes='false'");
    if (random.nextBoolean()) {
      text.append(" reasonCodeAlgorithm='%s'".formatted(pick("pointsAbove", "pointsBelow")));
    }
    text.append(">%s%s<Characteristics>");
    for (int i = 0; i <= random.nextInt(4); i++) {
      text.append(characteristic());
    }
    return text.append("</Characteristics></Scorecard>").toString();
  }

  /** Outputs of the codes of some ranks, which some rows have and some do not. */
  String outputs() {
    StringBuilder outputs = new StringBuilder();
    for (int rank = 1; explained && rank <= 3; rank++) {
      outputs.append(
          ("<OutputField name='r%d' optype='categorical' dataType='string' feature='reasonCode'"
                  + " rank='%d'/>")
              .formatted(rank, rank));
    }
    return outputs.toString();
  }

  private String characteristic() {
    String baseline = random.nextBoolean() ? " baselineScore='" + points() + "'" : "";
    String code = explained ? " reasonCode='" + code() + "'" : "";
    StringBuilder text = new StringBuilder("<Characteristic" + baseline + code + ">");
    GeneratedPredicates predicates = new GeneratedPredicates(fields);
    for (int i = 0; i <= random.nextInt(3); i++) {
      text.append(attribute(predicates.any(1)));
    }
    if (random.nextInt(4) > 0) {
      text.append(attribute("<True/>"));
    }
    return text.append("</Characteristic>").toString();
  }

  private String attribute(String predicate) {
    String code = explained && random.nextBoolean() ? " reasonCode='" + code() + "'" : "";
    if (random.nextInt(4) > 0) {
      return "<Attribute partialScore='%s'%s>%s</Attribute>".formatted(points(), code, predicate);
    }
    return "<Attribute%s>%s<ComplexPartialScore>%s</ComplexPartialScore></Attribute>"
        .formatted(code, predicate, complex());
  }

  private String complex() {
    return "<Apply function='*'><Constant dataType='double'>1.5</Constant><FieldRef field='"
        + fields.number(false).name()
        + "'/></Apply>";
  }

  private String code() {
    return "RC" + random.nextInt(3);
  }

  private String points() {
    return random.nextBoolean()
        ? Integer.toString(random.nextInt(40) - 10)
        : Double.toString(random.nextGaussian() * 10);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
