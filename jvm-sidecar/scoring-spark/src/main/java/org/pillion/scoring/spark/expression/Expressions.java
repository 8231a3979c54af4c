package org.pillion.scoring.spark.expression;

import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** A compiled expression of Spark SQL with the columns that it reads. */
public final class Expressions {
  /** No double has digits further from the point. */
  private static final int MOST_PLACES = 400;

  private final Set<Slot> reads = new LinkedHashSet<>();
  private final PlanBuilder plan;
  private final boolean ansi;
  private final Expression expression;

  private Expressions(Element element, PlanBuilder plan, boolean ansi) {
    this.plan = plan;
    this.ansi = ansi;
    this.expression = build(element);
  }

  /**
   * Compiles an element.
   *
   * @param ansi whether Spark ran in ANSI mode
   * @throws UnsupportedElement when it is not compiled
   */
  public static Expressions compile(Element element, PlanBuilder plan, boolean ansi) {
    return new Expressions(element, plan, ansi);
  }

  /** The columns that it reads. */
  public List<Slot> reads() {
    return List.copyOf(reads);
  }

  /** Type of its values. */
  public SparkType type() {
    return expression.type();
  }

  /**
   * Its values for a batch.
   *
   * @param blame slot whose inputs are named when a row fails
   */
  public Values evaluate(Frame frame, int blame) {
    return expression.evaluate(new Evaluation(frame, null, blame));
  }

  /** The rows for which it is true, rather than false or null. */
  public boolean[] holds(Frame frame, int blame) {
    BooleanColumn flags = (BooleanColumn) evaluate(frame, blame);
    boolean[] out = flags.values().clone();
    for (int row = 0; row < out.length; row++) {
      out[row] &= !flags.isNull(row);
    }
    return out;
  }

  static UnsupportedElement unknown(String name) {
    return new UnsupportedElement(name, "the expression '" + name + "' is not compiled");
  }

  private Expression build(Element element) {
    String name = element.name();
    return switch (name) {
      case "ref" -> reference(plan.column(element.require("name")));
      case "literal" -> Leaves.literal(element);
      case "cast" -> cast(element);
      case "add", "subtract", "multiply", "divide", "remainder", "div", "pmod" ->
          arithmetic(element);
      case "negate", "abs" -> sign(element);
      case "year", "quarter", "month", "dayOfMonth", "dayOfYear", "weekOfYear", "dayOfWeek" ->
          Dates.part(name, operands(element, SparkType.DATE, 1).get(0));
      case "weekDay", "lastDay", "unixDate" ->
          Dates.part(name, operands(element, SparkType.DATE, 1).get(0));
      case "hour", "minute", "second" ->
          Dates.part(name, operands(element, SparkType.TIMESTAMP, 1).get(0), Dates.zone(element));
      case "truncDate" ->
          Dates.truncated(element.require("to"), operands(element, SparkType.DATE, 1).get(0));
      case "truncTimestamp" ->
          Dates.truncated(
              element.require("to"),
              operands(element, SparkType.TIMESTAMP, 1).get(0),
              Dates.zone(element));
      case "dateDiff", "dateAdd", "dateSub", "addMonths" -> dates(element);
      case "timestampDiff" -> {
        List<Expression> sides = operands(element, SparkType.TIMESTAMP, 2);
        yield Dates.between(
            element.require("unit"), sides.get(0), sides.get(1), Dates.zone(element));
      }
      case "monthsBetween" -> {
        List<Expression> sides = operands(element, SparkType.TIMESTAMP, 2);
        yield Dates.monthsBetween(
            sides.get(0), sides.get(1), element.flag("rounded"), Dates.zone(element));
      }
      case "unixTime" -> Dates.unixTime(only(element), Dates.zone(element));
      case "round", "bround", "roundFloor", "roundCeil" -> round(element);
      case "pow", "hypot", "atan2", "log", "nanvl" -> {
        List<Expression> sides = operands(element, SparkType.DOUBLE, 2);
        yield BinaryFunctions.of(name, sides.get(0), sides.get(1));
      }
      case "equal", "equalNullSafe", "less", "lessOrEqual", "greater", "greaterOrEqual" ->
          comparison(element);
      case "and", "or" -> {
        List<Expression> sides = operands(element, SparkType.BOOLEAN, 2);
        yield Logic.junction(sides.get(0), sides.get(1), name.equals("and"));
      }
      case "not" -> Logic.not(operands(element, SparkType.BOOLEAN, 1).get(0));
      case "isNull" -> Logic.isNull(only(element), true);
      case "isNotNull" -> Logic.isNull(only(element), false);
      case "isNaN" -> Logic.isNan(floating(only(element), name));
      case "caseWhen" -> caseWhen(element);
      case "coalesce" -> Choice.coalesce(alike(element));
      case "greatest", "least" -> Choice.extreme(alike(element), name.equals("greatest"));
      case "in" -> {
        List<Expression> all = alike(element);
        yield Choice.in(all.get(0), all.subList(1, all.size()));
      }
      case "concat" -> TextFunctions.concat(operands(element, SparkType.STRING, 0));
      case "substring" -> {
        List<Expression> parts = all(element, 3);
        require(element, parts.get(0), SparkType.STRING);
        require(element, parts.get(1), SparkType.INTEGER);
        require(element, parts.get(2), SparkType.INTEGER);
        yield TextFunctions.substring(parts.get(0), parts.get(1), parts.get(2));
      }
      case "size" ->
          TextArrays.size(operands(element, SparkType.STRINGS, 1).get(0), element.flag("legacy"));
      case "item" ->
          TextArrays.item(
              operands(element, SparkType.STRINGS, 1).get(0),
              element.whole("at"),
              element.flag("strict"));
      case "contains" -> {
        List<Expression> sides = all(element, 2);
        require(element, sides.get(0), SparkType.STRINGS);
        require(element, sides.get(1), SparkType.STRING);
        yield TextArrays.contains(sides.get(0), sides.get(1));
      }
      case "join" -> joined(element);
      case "padLeft", "padRight" -> {
        List<Expression> parts = all(element, 3);
        require(element, parts.get(0), SparkType.STRING);
        require(element, parts.get(1), SparkType.INTEGER);
        require(element, parts.get(2), SparkType.STRING);
        yield TextBuilding.padded(parts.get(0), parts.get(1), parts.get(2), name.equals("padLeft"));
      }
      case "repeat" -> {
        List<Expression> sides = all(element, 2);
        require(element, sides.get(0), SparkType.STRING);
        require(element, sides.get(1), SparkType.INTEGER);
        yield TextBuilding.repeated(sides.get(0), sides.get(1));
      }
      case "position", "substringIndex" -> placed(element);
      case "readTime" -> TimePatterns.read(element, only(element), EvalMode.of(element, ansi));
      case "formatTime" ->
          TimePatterns.format(element, operands(element, SparkType.TIMESTAMP, 1).get(0));
      case "raise" -> Leaves.raised(element);
      case "extractMatch", "matches", "replaceMatches", "split" ->
          TextPatterns.of(element, operands(element, SparkType.STRING, 1).get(0));
      case "javaLower", "javaUpper", "javaTitle" ->
          TextFunctions.ofJava(
              name,
              new Locale(element.require("locale")),
              operands(element, SparkType.STRING, 1).get(0));
      case "lower", "upper", "title", "trim", "trimLeft", "trimRight", "length", "reverse" ->
          TextFunctions.unary(name, operands(element, SparkType.STRING, 1).get(0));
      default -> Functions.unary(name, operands(element, SparkType.DOUBLE, 1).get(0));
    };
  }

  private Expression reference(Slot slot) {
    reads.add(slot);
    return Leaves.column(slot);
  }

  private Expression only(Element element) {
    if (element.children().size() != 1) {
      throw arity(element);
    }
    return build(element.children().get(0));
  }

  private List<Expression> all(Element element) {
    return element.children().stream().map(this::build).toList();
  }

  private List<Expression> all(Element element, int count) {
    List<Expression> all = all(element);
    if (all.size() != count) {
      throw arity(element);
    }
    return all;
  }

  /** A part of a text that another text decides, and a number, which a place may lack. */
  private Expression placed(Element element) {
    List<Expression> parts = all(element);
    boolean place = element.name().equals("position");
    if (parts.size() != 3 && !(place && parts.size() == 2)) {
      throw arity(element);
    }
    require(element, parts.get(0), SparkType.STRING);
    require(element, parts.get(1), SparkType.STRING);
    if (parts.size() == 2) {
      return TextBuilding.position(parts.get(0), parts.get(1));
    }
    require(element, parts.get(2), SparkType.INTEGER);
    return place
        ? TextBuilding.position(parts.get(0), parts.get(1), parts.get(2))
        : TextBuilding.upTo(parts.get(0), parts.get(1), parts.get(2));
  }

  private Expression joined(Element element) {
    List<Expression> all = all(element);
    if (all.isEmpty()) {
      throw arity(element);
    }
    require(element, all.get(0), SparkType.STRING);
    for (Expression operand : all) {
      if (operand.type() != SparkType.STRINGS) {
        require(element, operand, SparkType.STRING);
      }
    }
    return TextBuilding.joined(all);
  }

  /** Operands of one type, at least one. */
  private List<Expression> alike(Element element) {
    List<Expression> all = all(element);
    if (all.isEmpty()) {
      throw arity(element);
    }
    for (Expression operand : all) {
      require(element, operand, all.get(0).type());
    }
    if (!all.get(0).type().isScalar()) {
      throw unknown(element.name() + " of " + all.get(0).type().text());
    }
    return all;
  }

  private List<Expression> operands(Element element, SparkType type, int count) {
    List<Expression> all = all(element);
    if (count > 0 && all.size() != count) {
      throw arity(element);
    }
    all.forEach(operand -> require(element, operand, type));
    return all;
  }

  private Expression sign(Element element) {
    Expression operand = only(element);
    return operand.type() == SparkType.DECIMAL
        ? Decimals.sign(operand, element.name().equals("negate"))
        : Functions.sign(
            element.name(), number(operand, element.name()), EvalMode.of(element, ansi));
  }

  private Expression dates(Element element) {
    List<Expression> sides = all(element);
    if (sides.size() != 2) {
      throw arity(element);
    }
    require(element, sides.get(0), SparkType.DATE);
    boolean difference = element.name().equals("dateDiff");
    require(element, sides.get(1), difference ? SparkType.DATE : SparkType.INTEGER);
    return Dates.binary(element.name(), sides.get(0), sides.get(1));
  }

  private Expression arithmetic(Element element) {
    List<Expression> sides = alike(element);
    if (sides.size() != 2) {
      throw arity(element);
    }
    if (sides.get(0).type() == SparkType.DECIMAL) {
      return Decimals.arithmetic(
          element.name(),
          sides.get(0),
          sides.get(1),
          Decimals.Digits.of(element),
          EvalMode.of(element, ansi));
    }
    return Arithmetic.of(
        element.name(),
        number(sides.get(0), element.name()),
        number(sides.get(1), element.name()),
        EvalMode.of(element, ansi));
  }

  private Expression comparison(Element element) {
    List<Expression> sides = alike(element);
    if (sides.size() != 2) {
      throw arity(element);
    }
    return Comparison.of(element.name(), sides.get(0), sides.get(1));
  }

  private Expression cast(Element element) {
    return Conversion.of(element, only(element), EvalMode.of(element, ansi));
  }

  private Expression round(Element element) {
    long places = element.whole("places");
    if (Math.abs(places) > MOST_PLACES) {
      throw unknown(element.name() + " to " + places + " places");
    }
    int scale = (int) places;
    RoundingMode rounding =
        switch (element.name()) {
          case "round" -> RoundingMode.HALF_UP;
          case "bround" -> RoundingMode.HALF_EVEN;
          case "roundFloor" -> RoundingMode.FLOOR;
          default -> RoundingMode.CEILING;
        };
    Expression operand = only(element);
    return operand.type() == SparkType.DECIMAL
        ? Decimals.rounded(
            operand, scale, rounding, Decimals.Digits.of(element), EvalMode.of(element, ansi))
        : Rounding.of(operand, scale, rounding, EvalMode.of(element, ansi));
  }

  private Expression caseWhen(Element element) {
    List<Expression> conditions = new ArrayList<>();
    List<Expression> results = new ArrayList<>();
    for (Element branch : element.children("when")) {
      if (branch.children().size() != 2) {
        throw arity(element);
      }
      conditions.add(build(branch.children().get(0)));
      results.add(build(branch.children().get(1)));
      require(element, conditions.get(conditions.size() - 1), SparkType.BOOLEAN);
    }
    results.add(element.hasChild("else") ? only(element.requireChild("else")) : null);
    if (conditions.isEmpty()) {
      throw arity(element);
    }
    if (!results.get(0).type().isScalar()) {
      throw unknown("caseWhen of " + results.get(0).type().text());
    }
    for (Expression result : results) {
      if (result != null) {
        require(element, result, results.get(0).type());
      }
    }
    return Choice.caseWhen(conditions, results);
  }

  private static Expression number(Expression operand, String name) {
    if (!operand.type().isFloating() && !operand.type().isWhole()) {
      throw unknown(name + " of " + operand.type().text());
    }
    return operand;
  }

  private static Expression floating(Expression operand, String name) {
    if (!operand.type().isFloating()) {
      throw unknown(name + " of " + operand.type().text());
    }
    return operand;
  }

  private static void require(Element element, Expression operand, SparkType type) {
    if (operand.type() != type) {
      throw new InvalidModel(
          "the plan's expression %s has an operand of type %s, not %s"
              .formatted(element.name(), operand.type().text(), type.text()));
    }
  }

  private static InvalidModel arity(Element element) {
    return new InvalidModel(
        "the plan's expression %s has %d operands"
            .formatted(element.name(), element.children().size()));
  }
}
