package org.pillion.scoring.pmml.expression;

import org.pillion.pmml.Element;

/** Finds the compiler of an expression by its element's name. */
public final class ExpressionCompiler {
  private ExpressionCompiler() {}

  public static Expression compile(Element element, Scope scope) {
    return switch (element.name()) {
      case "Constant" -> ConstantExpression.compile(element);
      case "FieldRef" -> FieldRefExpression.compile(element, scope);
      case "NormContinuous" -> NormContinuousExpression.compile(element, scope);
      case "NormDiscrete" -> NormDiscreteExpression.compile(element, scope);
      case "Discretize" -> DiscretizeExpression.compile(element, scope);
      case "MapValues" -> MapValuesExpression.compile(element, scope);
      case "Apply" -> ApplyCompiler.compile(element, scope);
      default -> throw element.unsupported();
    };
  }
}
