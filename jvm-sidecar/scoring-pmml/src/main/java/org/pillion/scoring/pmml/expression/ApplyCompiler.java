package org.pillion.scoring.pmml.expression;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.ValueType;

/** {@code Apply} of the built-in functions that are reproduced exactly. */
final class ApplyCompiler {
  private final Element element;
  private final String function;
  private final Expression[] arguments;

  private ApplyCompiler(Element element, Expression[] arguments) {
    this.element = element;
    this.function = element.require("function");
    this.arguments = arguments;
  }

  static Expression compile(Element element, Scope scope) {
    if (!element.attribute("invalidValueTreatment", "returnInvalid").equals("returnInvalid")) {
      throw element.unsupported("invalidValueTreatment");
    }
    List<Expression> arguments = new ArrayList<>();
    for (Element child : element.remaining()) {
      arguments.add(ExpressionCompiler.compile(child, scope));
    }
    ApplyCompiler compiler = new ApplyCompiler(element, arguments.toArray(new Expression[0]));
    return new CheckedExpression(compiler.function, compiler.function());
  }

  private Expression function() {
    return switch (function) {
      case "+", "-", "*", "/" -> arithmetic();
      case "if" -> conditional();
      case "equal", "notEqual" -> equality();
      case "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual" -> comparison();
      case "and", "or" -> logical();
      case "not" -> new NotExpression(truth(only(0, 1)));
      case "isMissing", "isNotMissing", "isValid", "isNotValid" ->
          new PresenceExpression(PresenceExpression.Test.of(function), only(0, 1));
      case "ln", "ln1p", "log10", "exp", "expm1", "sqrt" ->
          new MathExpression(MathExpression.Operation.of(function), number(only(0, 1)));
      case "pow" ->
          new PowerExpression(exactly(0, 2, DataType.DOUBLE), exactly(1, 2, DataType.DOUBLE));
      case "abs" -> new AbsoluteExpression(exactly(0, 1, DataType.DOUBLE));
      case "floor", "ceil", "round" ->
          new RoundingExpression(
              RoundingExpression.Direction.of(function), exactly(0, 1, DataType.DOUBLE));
      case "threshold" -> threshold();
      case "sum" -> sum();
      case "lowercase", "uppercase", "trimBlanks" ->
          new CaseExpression(CaseExpression.Change.of(function), text(only(0, 1)));
      default -> throw element.unsupported("function");
    };
  }

  private Expression arithmetic() {
    Expression left = number(only(0, 2));
    Expression right = number(only(1, 2));
    ArithmeticExpression.Operation operation = ArithmeticExpression.Operation.of(function);
    DataType common = common(left.type().data(), right.type().data());
    return new ArithmeticExpression(operation, ValueType.continuous(common), left, right);
  }

  /** The type that can hold the values of both, as far as the interpreter cares. */
  private static DataType common(DataType left, DataType right) {
    if (left == DataType.DOUBLE || right == DataType.DOUBLE) {
      return DataType.DOUBLE;
    }
    return left == DataType.FLOAT || right == DataType.FLOAT ? DataType.FLOAT : DataType.INTEGER;
  }

  private Expression conditional() {
    if (arguments.length != 2 && arguments.length != 3) {
      throw element.invalid("applies 'if' to " + arguments.length + " arguments");
    }
    Expression then = arguments[1];
    Expression otherwise = arguments.length == 3 ? arguments[2] : null;
    if (otherwise != null && !otherwise.type().equals(then.type())) {
      throw element.unsupportedUse("its two results have different types");
    }
    return new IfExpression(truth(arguments[0]), then, otherwise);
  }

  private Expression equality() {
    Expression left = only(0, 2);
    Expression right = only(1, 2);
    DataType type = left.type().data();
    boolean widening = type == DataType.DOUBLE && right.type().data().isNumeric();
    if (right.type().data() != type && !widening) {
      throw element.unsupportedUse("it compares values of different types");
    }
    return new EqualityExpression(left, right, function.equals("notEqual"));
  }

  private Expression comparison() {
    Expression left = number(only(0, 2));
    Expression right = number(only(1, 2));
    if (!left.type().isContinuous()) {
      throw element.unsupportedUse("it compares a categorical value by size");
    }
    return new ComparisonExpression(ComparisonExpression.Order.of(function), left, right);
  }

  private Expression logical() {
    if (arguments.length < 2) {
      throw element.invalid("applies '" + function + "' to less than two arguments");
    }
    for (Expression argument : arguments) {
      truth(argument);
    }
    return new LogicalExpression(function, arguments);
  }

  private Expression sum() {
    for (int i = 0; i < arguments.length; i++) {
      exactly(i, arguments.length, DataType.DOUBLE);
    }
    return new SumExpression(arguments);
  }

  private Expression threshold() {
    Expression left = number(only(0, 2));
    Expression right = number(only(1, 2));
    return new ThresholdExpression(
        ValueType.continuous(common(left.type().data(), right.type().data())), left, right);
  }

  private Expression only(int position, int count) {
    if (arguments.length != count) {
      throw element.invalid(
          "applies '%s' to %d arguments instead of %d"
              .formatted(function, arguments.length, count));
    }
    return arguments[position];
  }

  private Expression exactly(int position, int count, DataType type) {
    Expression argument = only(position, count);
    if (argument.type().data() != type) {
      throw element.unsupportedUse(
          "'%s' is applied to a value of type %s"
              .formatted(function, Casting.name(argument.type().data())));
    }
    return argument;
  }

  private Expression number(Expression argument) {
    if (!argument.type().data().isNumeric()) {
      throw element.unsupportedUse("'" + function + "' is applied to what is no number");
    }
    return argument;
  }

  private Expression truth(Expression argument) {
    if (argument.type().data() != DataType.BOOLEAN) {
      throw element.unsupportedUse("'" + function + "' is applied to what is no truth value");
    }
    return argument;
  }

  private Expression text(Expression argument) {
    if (argument.type().data() != DataType.STRING) {
      throw element.unsupportedUse("'" + function + "' is applied to what is no text");
    }
    return argument;
  }
}
