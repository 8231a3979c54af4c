package org.pillion.differential;

import java.util.Random;

/** Random predicates over the fields so far. */
final class GeneratedPredicates {
  private final GeneratedFields fields;
  private final Random random;

  GeneratedPredicates(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
  }

  String any(int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 5)) {
      case 0 -> equality();
      case 1 -> set();
      case 2, 3 -> bySize();
      default ->
          "<CompoundPredicate booleanOperator='%s'>%s%s</CompoundPredicate>"
              .formatted(pick("and", "or", "xor", "surrogate"), any(depth - 1), any(depth - 1));
    };
  }

  private String equality() {
    GeneratedFields.Field field = fields.any();
    String operator = pick("equal", "notEqual", "isMissing", "isNotMissing");
    String value = operator.endsWith("issing") ? "" : " value='" + fields.constant(field) + "'";
    return "<SimplePredicate field='%s' operator='%s'%s/>".formatted(field.name(), operator, value);
  }

  private String set() {
    GeneratedFields.Field field = fields.any();
    return ("<SimpleSetPredicate field='%s' booleanOperator='%s'><Array type='string'>\"%s\" %s"
            + "</Array></SimpleSetPredicate>")
        .formatted(
            field.name(), pick("isIn", "isNotIn"), fields.constant(field), fields.constant(field));
  }

  private String bySize() {
    GeneratedFields.Field field = fields.number(true);
    return "<SimplePredicate field='%s' operator='%s' value='%s'/>"
        .formatted(
            field.name(),
            pick("lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"),
            random.nextInt(20) == 0 && !field.dataType().equals("integer")
                ? "Infinity"
                : fields.decimal());
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
