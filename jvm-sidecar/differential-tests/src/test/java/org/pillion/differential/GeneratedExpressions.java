package org.pillion.differential;

import java.util.List;
import java.util.Random;

/** Random expressions over the fields so far. */
final class GeneratedExpressions {
  private final GeneratedFields fields;
  private final Random random;

  GeneratedExpressions(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
  }

  /** An expression that makes a number. */
  String number(int depth) {
    if (depth == 0) {
      return random.nextInt(3) == 0 ? constant() : ref(fields.number(false));
    }
    return switch (random.nextInt(10)) {
      case 0 -> ref(fields.number(false));
      case 1, 2, 3 -> apply(pick("+", "-", "*", "/"), number(depth - 1), number(depth - 1));
      case 4 -> apply(pick("exp", "ln", "sqrt", "ln1p", "log10"), number(depth - 1));
      case 5 -> apply("if", condition(depth - 1), constant(), constant());
      case 6 -> normDiscrete();
      case 7 -> normContinuous();
      case 8 -> discretize();
      default -> apply("threshold", number(depth - 1), constant());
    };
  }

  private String condition(int depth) {
    return switch (random.nextInt(5)) {
      case 0 -> apply(pick("isMissing", "isNotMissing", "isValid"), ref(fields.any()));
      case 1 -> apply(pick("and", "or"), comparison(), comparison());
      case 2 -> apply("not", comparison());
      default -> comparison();
    };
  }

  private String comparison() {
    return apply(
        pick("lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"),
        ref(fields.number(true)),
        constant());
  }

  /** An expression that makes a text. */
  String text() {
    return switch (random.nextInt(3)) {
      case 0 -> {
        GeneratedFields.Field field = fields.number(false);
        yield "<Discretize field='%s' defaultValue='red'>%s</Discretize>"
            .formatted(field.name(), bins("low", "high"));
      }
      case 1 -> mapValues();
      default ->
          apply("if", comparison(), "<Constant dataType='string'>low</Constant>", textConstant());
    };
  }

  private static String textConstant() {
    return "<Constant dataType='string'>red</Constant>";
  }

  private String mapValues() {
    GeneratedFields.Field field = fields.any();
    String first = fields.constant(field);
    String second = fields.constant(field);
    String rows = row(first, "low") + (first.equals(second) ? "" : row(second, "high"));
    String otherwise = random.nextBoolean() ? " defaultValue='red'" : "";
    String missing = random.nextBoolean() ? " mapMissingTo='high'" : "";
    return ("<MapValues outputColumn='out' dataType='string'%s%s><FieldColumnPair field='%s'"
            + " column='in'/><InlineTable>%s</InlineTable></MapValues>")
        .formatted(otherwise, missing, field.name(), rows);
  }

  private static String row(String in, String out) {
    return "<row><in>" + in + "</in><out>" + out + "</out></row>";
  }

  private String discretize() {
    GeneratedFields.Field field = fields.number(false);
    String otherwise = random.nextBoolean() ? " defaultValue='9'" : "";
    String missing = random.nextBoolean() ? " mapMissingTo='8'" : "";
    return "<Discretize field='%s' dataType='integer'%s%s>%s</Discretize>"
        .formatted(field.name(), otherwise, missing, bins("0", "1"));
  }

  private String bins(String low, String high) {
    String middle = random.nextBoolean() ? "10" : "7.25";
    return ("<DiscretizeBin binValue='%s'><Interval closure='%s' rightMargin='%s'/>"
            + "</DiscretizeBin><DiscretizeBin binValue='%s'><Interval closure='closedClosed'"
            + " leftMargin='%s' rightMargin='30'/></DiscretizeBin>")
        .formatted(low, pick("closedOpen", "openOpen"), middle, high, middle);
  }

  private String normDiscrete() {
    GeneratedFields.Field field = fields.any();
    String missing = random.nextInt(3) == 0 ? " mapMissingTo='0.25'" : "";
    return "<NormDiscrete field='%s' value='%s'%s/>"
        .formatted(field.name(), fields.constant(field), missing);
  }

  private String normContinuous() {
    String outliers = pick("asIs", "asMissingValues", "asExtremeValues");
    String missing = random.nextInt(3) == 0 ? " mapMissingTo='0.5'" : "";
    return ("<NormContinuous field='%s' outliers='%s'%s><LinearNorm orig='-3' norm='0.1'/>"
            + "<LinearNorm orig='2.5' norm='4.7'/><LinearNorm orig='10' norm='-1.3'/>"
            + "<LinearNorm orig='31' norm='12'/></NormContinuous>")
        .formatted(fields.number(false).name(), outliers, missing);
  }

  private String constant() {
    return "<Constant dataType='double'>" + fields.decimal() + "</Constant>";
  }

  private static String ref(GeneratedFields.Field field) {
    return "<FieldRef field='" + field.name() + "'/>";
  }

  private static String apply(String function, String... arguments) {
    String escaped = function.replace("<", "&lt;");
    return "<Apply function='" + escaped + "'>" + String.join("", List.of(arguments)) + "</Apply>";
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
