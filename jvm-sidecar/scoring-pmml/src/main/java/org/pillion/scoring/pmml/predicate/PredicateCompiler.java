package org.pillion.scoring.pmml.predicate;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.ComparisonExpression;
import org.pillion.scoring.pmml.expression.Scope;
import org.pillion.scoring.pmml.field.ArrayContent;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;

/** Finds the compiler of a predicate by its element's name. */
public final class PredicateCompiler {
  private PredicateCompiler() {}

  public static boolean isPredicate(Element element) {
    return switch (element.name()) {
      case "True", "False", "SimplePredicate", "SimpleSetPredicate", "CompoundPredicate" -> true;
      default -> false;
    };
  }

  public static Predicate compile(Element element, Scope scope) {
    return switch (element.name()) {
      case "True" -> ConstantPredicate.ALWAYS;
      case "False" -> ConstantPredicate.NEVER;
      case "SimplePredicate" -> simple(element, scope);
      case "SimpleSetPredicate" -> set(element, scope);
      case "CompoundPredicate" -> compound(element, scope);
      default -> throw element.unsupported();
    };
  }

  private static Predicate simple(Element element, Scope scope) {
    Field field = scope.resolve(element, "field");
    String operator = element.require("operator");
    return switch (operator) {
      case "isMissing", "isNotMissing" -> {
        element.ignore("value");
        yield new MissingPredicate(field, operator.equals("isMissing"));
      }
      case "equal", "notEqual" ->
          CodePredicate.of(
              field, new int[] {field.define(element, "value")}, operator.equals("notEqual"));
      case "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual" ->
          bySize(element, field, ComparisonExpression.Order.of(operator));
      default -> throw element.unsupported("operator");
    };
  }

  private static Predicate bySize(Element element, Field field, ComparisonExpression.Order order) {
    if (!field.type().isContinuous() || !field.type().data().isNumeric()) {
      throw element.unsupportedUse("the values of the field '" + field.name() + "' have no size");
    }
    double constant = bound(element, field) + 0d;
    if (field.type().data() == DataType.FLOAT) {
      boolean infinite = Double.isInfinite(constant);
      constant = (float) constant;
      if (Double.isInfinite(constant) && !infinite) {
        throw element.unsupported("value");
      }
    }
    return ThresholdPredicate.of(field, order, constant);
  }

  /** A number, or infinity, which converters of boosters write where all numbers fit. */
  private static double bound(Element element, Field field) {
    boolean infinite =
        switch (element.require("value")) {
          case "Infinity", "INF" -> field.type().data() != DataType.INTEGER;
          default -> false;
        };
    return infinite ? Double.POSITIVE_INFINITY : element.finite("value");
  }

  private static Predicate set(Element element, Scope scope) {
    Field field = scope.resolve(element, "field");
    String operator = element.require("booleanOperator");
    if (!operator.equals("isIn") && !operator.equals("isNotIn")) {
      throw element.unsupported("booleanOperator");
    }
    Element array = element.requireChild("Array");
    int[] codes =
        ArrayContent.texts(array).stream()
            .mapToInt(text -> field.define(array, "element", text))
            .toArray();
    return CodePredicate.of(field, codes, operator.equals("isNotIn"));
  }

  private static Predicate compound(Element element, Scope scope) {
    CompoundPredicate.Operator operator =
        switch (element.require("booleanOperator")) {
          case "and" -> CompoundPredicate.Operator.AND;
          case "or" -> CompoundPredicate.Operator.OR;
          case "xor" -> CompoundPredicate.Operator.XOR;
          case "surrogate" -> CompoundPredicate.Operator.SURROGATE;
          default -> throw element.unsupported("booleanOperator");
        };
    List<Predicate> parts = new ArrayList<>();
    for (Element part : element.remaining()) {
      parts.add(compile(part, scope));
    }
    if (parts.size() < 2) {
      throw element.invalid("has less than two predicates");
    }
    return new CompoundPredicate(operator, parts.toArray(new Predicate[0]));
  }
}
