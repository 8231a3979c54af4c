package org.pillion.scoring.jpmml;

import java.util.HashSet;
import java.util.Set;
import org.dmg.pmml.Apply;
import org.dmg.pmml.DefineFunction;
import org.dmg.pmml.PMML;
import org.dmg.pmml.VisitorAction;
import org.jpmml.model.visitors.AbstractVisitor;
import org.pillion.scoring.InvalidModel;

/**
 * Refuses functions that are neither built in nor defined by the document itself.
 *
 * <p>JPMML takes any other name for that of a Java class, and loads and instantiates it.
 */
final class FunctionGuard {
  /** PMML's own functions under the names JPMML gives them on import, and its one vendor name. */
  static final Set<String> BUILT_IN =
      Set.of(
          "*",
          "+",
          "-",
          "/",
          "abs",
          "acos",
          "and",
          "asin",
          "atan",
          "avg",
          "ceil",
          "concat",
          "cos",
          "cosh",
          "dateDaysSinceYear",
          "dateSecondsSinceMidnight",
          "dateSecondsSinceYear",
          "equal",
          "erf",
          "exp",
          "expm1",
          "floor",
          "formatDatetime",
          "formatNumber",
          "greaterOrEqual",
          "greaterThan",
          "hypot",
          "if",
          "isIn",
          "isMissing",
          "isNotIn",
          "isNotMissing",
          "isNotValid",
          "isValid",
          "lessOrEqual",
          "lessThan",
          "ln",
          "ln1p",
          "log10",
          "lowercase",
          "matches",
          "max",
          "min",
          "modulo",
          "normalCDF",
          "normalIDF",
          "normalPDF",
          "not",
          "notEqual",
          "or",
          "pow",
          "product",
          "replace",
          "rint",
          "round",
          "sin",
          "sinh",
          "sqrt",
          "stdNormalCDF",
          "stdNormalIDF",
          "stdNormalPDF",
          "stringLength",
          "substring",
          "sum",
          "tan",
          "tanh",
          "threshold",
          "trimBlanks",
          "uppercase",
          "x-atan2");

  private FunctionGuard() {}

  static void check(PMML document) {
    Set<String> allowed = new HashSet<>(BUILT_IN);
    new AbstractVisitor() {
      @Override
      public VisitorAction visit(DefineFunction function) {
        allowed.add(function.requireName());
        return super.visit(function);
      }
    }.applyTo(document);
    new AbstractVisitor() {
      @Override
      public VisitorAction visit(Apply apply) {
        if (!allowed.contains(apply.requireFunction())) {
          throw new InvalidModel(
              "the document applies the function '"
                  + apply.requireFunction()
                  + "', which is neither built in nor defined by the document");
        }
        return super.visit(apply);
      }
    }.applyTo(document);
  }
}
