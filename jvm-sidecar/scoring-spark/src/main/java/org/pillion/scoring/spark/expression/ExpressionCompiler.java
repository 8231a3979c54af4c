package org.pillion.scoring.spark.expression;

import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Compiles elements of expressions, and collects the columns that they read. */
final class ExpressionCompiler {
  /** No double has digits further from the point. */
  private static final int MOST_PLACES = 400;

  private final Set<Slot> reads = new LinkedHashSet<>();
  private final PlanBuilder plan;
  private final boolean ansi;

  ExpressionCompiler(PlanBuilder plan, boolean ansi) {
    this.plan = plan;
    this.ansi = ansi;
  }

  /** The columns that what was compiled reads. */
  List<Slot> reads() {
    return List.copyOf(reads);
  }

  Expression compile(Element element) {
    String name = element.name();
    return switch (name) {
      case "ref" -> reference(plan.column(element.require("name")));
      case "literal" -> Leaves.literal(element);
      case "raise" -> Leaves.raised(element);
      case "cast" -> Conversion.of(element, operands(element).only(), mode(element));
      case "add", "subtract", "multiply", "divide", "remainder", "div", "pmod" ->
          arithmetic(element);
      case "negate", "abs" -> sign(element);
      case "round", "bround", "roundFloor", "roundCeil" -> round(element);
      case "pow", "hypot", "atan2", "log", "nanvl" -> {
        List<Expression> sides = operands(element).pair(SparkType.DOUBLE);
        yield BinaryFunctions.of(name, sides.get(0), sides.get(1));
      }
      case "equal", "equalNullSafe", "less", "lessOrEqual", "greater", "greaterOrEqual" -> {
        List<Expression> sides = operands(element).alikePair();
        yield Comparison.of(name, sides.get(0), sides.get(1));
      }
      case "and", "or" -> {
        List<Expression> sides = operands(element).pair(SparkType.BOOLEAN);
        yield Logic.junction(sides.get(0), sides.get(1), name.equals("and"));
      }
      case "not" -> Logic.not(operands(element).only(SparkType.BOOLEAN));
      case "isNull" -> Logic.isNull(operands(element).only(), true);
      case "isNotNull" -> Logic.isNull(operands(element).only(), false);
      case "isNaN" -> Logic.isNan(operands(element).floating());
      case "caseWhen" -> caseWhen(element);
      case "coalesce" -> Choice.coalesce(operands(element).alike());
      case "greatest", "least" ->
          Choice.extreme(operands(element).alike(), name.equals("greatest"));
      case "in" -> {
        List<Expression> all = operands(element).alike();
        yield Choice.in(all.get(0), all.subList(1, all.size()));
      }
      case "year", "quarter", "month", "dayOfMonth", "dayOfYear", "weekOfYear", "dayOfWeek" ->
          Dates.part(name, operands(element).only(SparkType.DATE));
      case "weekDay", "lastDay", "unixDate" ->
          Dates.part(name, operands(element).only(SparkType.DATE));
      case "hour", "minute", "second" ->
          Dates.part(name, operands(element).only(SparkType.TIMESTAMP), Dates.zone(element));
      case "truncDate" ->
          Dates.truncated(element.require("to"), operands(element).only(SparkType.DATE));
      case "truncTimestamp" ->
          Dates.truncated(
              element.require("to"),
              operands(element).only(SparkType.TIMESTAMP),
              Dates.zone(element));
      case "dateDiff" -> {
        List<Expression> sides = operands(element).pair(SparkType.DATE);
        yield Dates.binary(name, sides.get(0), sides.get(1));
      }
      case "dateAdd", "dateSub", "addMonths" -> {
        List<Expression> sides = operands(element).of(SparkType.DATE, SparkType.INTEGER);
        yield Dates.binary(name, sides.get(0), sides.get(1));
      }
      case "timestampDiff" -> {
        List<Expression> sides = operands(element).pair(SparkType.TIMESTAMP);
        yield Dates.between(
            element.require("unit"), sides.get(0), sides.get(1), Dates.zone(element));
      }
      case "monthsBetween" -> {
        List<Expression> sides = operands(element).pair(SparkType.TIMESTAMP);
        yield Dates.monthsBetween(
            sides.get(0), sides.get(1), element.flag("rounded"), Dates.zone(element));
      }
      case "unixTime" -> Dates.unixTime(operands(element).only(), Dates.zone(element));
      case "readTime" -> TimePatterns.read(element, operands(element).only(), mode(element));
      case "formatTime" ->
          TimePatterns.format(element, operands(element).only(SparkType.TIMESTAMP));
      case "concat" -> TextFunctions.concat(operands(element).each(SparkType.STRING));
      case "substring" ->
          TextFunctions.substring(
              operands(element).of(SparkType.STRING, SparkType.INTEGER, SparkType.INTEGER));
      case "padLeft", "padRight" ->
          TextBuilding.padded(
              operands(element).of(SparkType.STRING, SparkType.INTEGER, SparkType.STRING),
              name.equals("padLeft"));
      case "repeat" ->
          TextBuilding.repeated(operands(element).of(SparkType.STRING, SparkType.INTEGER));
      case "substringIndex" ->
          TextBuilding.upTo(
              operands(element).of(SparkType.STRING, SparkType.STRING, SparkType.INTEGER));
      case "position" -> position(operands(element));
      case "join" -> TextBuilding.joined(operands(element).textsAndArrays());
      case "size" ->
          TextArrays.size(operands(element).only(SparkType.STRINGS), element.flag("legacy"));
      case "item" ->
          TextArrays.item(
              operands(element).only(SparkType.STRINGS),
              element.whole("at"),
              element.flag("strict"));
      case "contains" -> {
        List<Expression> sides = operands(element).of(SparkType.STRINGS, SparkType.STRING);
        yield TextArrays.contains(sides.get(0), sides.get(1));
      }
      case "extractMatch", "matches", "replaceMatches", "split" ->
          TextPatterns.of(element, operands(element).only(SparkType.STRING));
      case "javaLower", "javaUpper", "javaTitle" ->
          TextFunctions.ofJava(
              name,
              new Locale(element.require("locale")),
              operands(element).only(SparkType.STRING));
      case "lower", "upper", "title", "trim", "trimLeft", "trimRight", "length", "reverse" ->
          TextFunctions.unary(name, operands(element).only(SparkType.STRING));
      default -> Functions.unary(name, operands(element).only(SparkType.DOUBLE));
    };
  }

  private Operands operands(Element element) {
    return new Operands(element, element.children().stream().map(this::compile).toList());
  }

  private EvalMode mode(Element element) {
    return EvalMode.of(element, ansi);
  }

  private Expression reference(Slot slot) {
    reads.add(slot);
    return Leaves.column(slot);
  }

  private Expression sign(Element element) {
    Operands operands = operands(element);
    return operands.only().type() == SparkType.DECIMAL
        ? Decimals.sign(operands.only(), element.name().equals("negate"))
        : Functions.sign(element.name(), operands.number(), mode(element));
  }

  private Expression arithmetic(Element element) {
    Operands operands = operands(element);
    Expression left = operands.alikePair().get(0);
    Expression right = operands.alikePair().get(1);
    return left.type() == SparkType.DECIMAL
        ? Decimals.arithmetic(
            element.name(), left, right, Decimals.Digits.of(element), mode(element))
        : Arithmetic.of(
            element.name(), operands.number(left), operands.number(right), mode(element));
  }

  private Expression round(Element element) {
    long places = element.whole("places");
    if (Math.abs(places) > MOST_PLACES) {
      throw Expressions.unknown(element.name() + " to " + places + " places");
    }
    int scale = (int) places;
    RoundingMode rounding =
        switch (element.name()) {
          case "round" -> RoundingMode.HALF_UP;
          case "bround" -> RoundingMode.HALF_EVEN;
          case "roundFloor" -> RoundingMode.FLOOR;
          default -> RoundingMode.CEILING;
        };
    Expression operand = operands(element).only();
    return operand.type() == SparkType.DECIMAL
        ? Decimals.rounded(operand, scale, rounding, Decimals.Digits.of(element), mode(element))
        : Rounding.of(operand, scale, rounding, mode(element));
  }

  /** The place of a text in another, from a third operand on where there is one. */
  private static Expression position(Operands operands) {
    return operands.count() == 2
        ? TextBuilding.position(operands.pair(SparkType.STRING))
        : TextBuilding.positionFrom(
            operands.of(SparkType.STRING, SparkType.STRING, SparkType.INTEGER));
  }

  private Expression caseWhen(Element element) {
    List<Expression> conditions = new ArrayList<>();
    List<Expression> results = new ArrayList<>();
    for (Element branch : element.children("when")) {
      if (branch.children().size() != 2) {
        throw Operands.arity(element);
      }
      conditions.add(compile(branch.children().get(0)));
      results.add(compile(branch.children().get(1)));
    }
    if (conditions.isEmpty()) {
      throw Operands.arity(element);
    }
    boolean hasElse = element.hasChild("else");
    if (hasElse) {
      results.add(operands(element.requireChild("else")).only());
    }
    new Operands(element, conditions).each(SparkType.BOOLEAN);
    new Operands(element, results).alike();
    if (!hasElse) {
      results.add(null);
    }
    return Choice.caseWhen(conditions, results);
  }
}
