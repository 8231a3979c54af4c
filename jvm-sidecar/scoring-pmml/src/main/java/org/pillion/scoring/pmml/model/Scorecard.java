package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Expression;
import org.pillion.scoring.pmml.expression.ExpressionCompiler;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;
import org.pillion.scoring.pmml.predicate.Predicate;
import org.pillion.scoring.pmml.predicate.PredicateCompiler;

/** {@code Scorecard}: for each characteristic, the points of the first attribute that fits. */
final class Scorecard extends Model {
  /**
   * What a characteristic may be.
   *
   * @param points the partial score, where no expression computes it
   * @param complex computes the partial score, or null
   * @param reason position of the reason code among the model's, or -1
   */
  private record Attribute(Predicate predicate, double points, Expression complex, int reason) {}

  private record Characteristic(List<Attribute> attributes, double baseline) {}

  private final Target target;
  private final double initial;
  private final List<Characteristic> characteristics;
  private final boolean above;
  private final List<String> reasons;
  private final Map<Integer, Field> ranked = new LinkedHashMap<>();

  private Scorecard(
      ModelContext context,
      double initial,
      List<Characteristic> characteristics,
      boolean above,
      List<String> reasons) {
    super(context.label(), null);
    this.target = context.target();
    this.initial = initial;
    this.characteristics = characteristics;
    this.above = above;
    this.reasons = reasons;
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    if (!element.require("functionName").equals("regression")) {
      throw element.unsupported("functionName");
    }
    context.requireNumberTarget();
    // It says how the baseline scores were found.
    element.ignore("baselineMethod");
    boolean explained = ModelCompiler.flag(element, "useReasonCodes", true);
    boolean above =
        switch (element.attribute("reasonCodeAlgorithm", "pointsBelow")) {
          case "pointsAbove" -> true;
          case "pointsBelow" -> false;
          default -> throw element.unsupported("reasonCodeAlgorithm");
        };
    List<Characteristic> characteristics = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    for (Element child : element.requireChild("Characteristics").children("Characteristic")) {
      characteristics.add(characteristic(context, child, explained ? reasons : null));
    }
    element.ignore("baselineScore");
    double initial = element.finite("initialScore", 0d);
    return new Scorecard(
        context, initial, characteristics, above, explained ? List.copyOf(reasons) : null);
  }

  /**
   * Compiles a characteristic.
   *
   * @param reasons the reason codes so far, or null where none are asked for
   */
  private static Characteristic characteristic(
      ModelContext context, Element element, List<String> reasons) {
    element.ignore("name", "baselineScore", "reasonCode");
    List<Attribute> attributes = new ArrayList<>();
    for (Element child : element.children("Attribute")) {
      attributes.add(attribute(context, element, child, reasons));
    }
    if (attributes.isEmpty()) {
      throw element.invalid("has no Attribute");
    }
    double baseline = 0d;
    if (reasons != null) {
      Element declaring = element.attribute("baselineScore") == null ? context.element() : element;
      baseline = declaring.finite("baselineScore");
    }
    return new Characteristic(attributes, baseline);
  }

  private static Attribute attribute(
      ModelContext context, Element characteristic, Element element, List<String> reasons) {
    element.ignore("reasonCode", "partialScore");
    Element complex = element.child("ComplexPartialScore");
    Expression expression = complex == null ? null : complex(context, complex, reasons != null);
    double points = expression == null ? element.finite("partialScore") : 0d;
    Predicate predicate =
        PredicateCompiler.compile(element.requireRemaining("predicate"), context.scope());
    int reason = -1;
    if (reasons != null) {
      Element declaring = element.attribute("reasonCode") == null ? characteristic : element;
      String code = declaring.require("reasonCode");
      if (!reasons.contains(code)) {
        reasons.add(code);
      }
      reason = reasons.indexOf(code);
    }
    return new Attribute(predicate, points, expression, reason);
  }

  private static Expression complex(ModelContext context, Element element, boolean explained) {
    Expression expression =
        ExpressionCompiler.compile(element.requireRemaining("expression"), context.scope());
    DataType type = expression.type().data();
    // The difference from a baseline is computed in the type of both.
    if (type != DataType.DOUBLE && (explained || !type.isNumeric())) {
      throw element.unsupportedUse("it computes no value of type double");
    }
    return expression;
  }

  @Override
  Field result(ModelContext context, String feature, Element output) {
    if (!feature.equals("reasonCode") || reasons == null) {
      return null;
    }
    int rank;
    try {
      rank = Integer.parseInt(output.attribute("rank", "1"));
    } catch (NumberFormatException e) {
      throw output.unsupported("rank");
    }
    if (rank < 1) {
      throw output.unsupported("rank");
    }
    return ranked.computeIfAbsent(
        rank,
        unused ->
            context.scope().program().field("reason code " + rank, ValueType.CATEGORICAL_STRING));
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    ranked.values().forEach(field -> start(frame, field));
    double[] points = new double[reasons == null ? 0 : reasons.size()];
    List<Integer> seen = new ArrayList<>();
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.isActive(row) && add(frame, row, points, seen, cell)) {
        target.predict(frame, row, cell.number, labels, MathContext.DOUBLE);
        rank(frame, row, points, seen);
      }
    }
  }

  /**
   * Adds up a row's points.
   *
   * @param points filled with the differences from the baseline, by reason code
   * @param seen filled with the reason codes that the row has, in the order of their coming
   * @param cell takes the score
   * @return whether there is one
   */
  private boolean add(Frame frame, int row, double[] points, List<Integer> seen, Cell cell) {
    seen.clear();
    double score = initial;
    for (Characteristic characteristic : characteristics) {
      Attribute attribute = find(frame, row, characteristic, cell);
      if (attribute == null) {
        return false;
      }
      double partial = attribute.points();
      if (attribute.complex() != null) {
        attribute.complex().evaluate(frame, row, cell);
        if (!cell.hasValue()) {
          frame.failPrediction(row, "a partial score has no value");
          return false;
        }
        partial = cell.number;
      }
      score += partial;
      if (attribute.reason() >= 0) {
        double baseline = characteristic.baseline();
        // A sum from zero on, which has no negative zero.
        double difference = 0d + (above ? partial - baseline : baseline - partial);
        if (seen.contains(attribute.reason())) {
          points[attribute.reason()] += difference;
        } else {
          seen.add(attribute.reason());
          points[attribute.reason()] = difference;
        }
      }
    }
    cell.number = score;
    return true;
  }

  private static Attribute find(Frame frame, int row, Characteristic characteristic, Cell cell) {
    for (Attribute attribute : characteristic.attributes()) {
      byte status = attribute.predicate().test(frame, row, cell);
      if (status == Predicate.FAILED) {
        frame.failPrediction(row, cell.reason);
        return null;
      }
      if (status == Predicate.TRUE) {
        return attribute;
      }
    }
    frame.failPrediction(row, "no attribute of a characteristic fits");
    return null;
  }

  /** Ranks by points, of which negative ones do not count; equals keep the order of coming. */
  private void rank(Frame frame, int row, double[] points, List<Integer> seen) {
    if (ranked.isEmpty()) {
      return;
    }
    List<Integer> order = new ArrayList<>(seen);
    order.removeIf(reason -> Double.compare(points[reason], 0d) < 0);
    order.sort((left, right) -> Double.compare(points[right], points[left]));
    ranked.forEach(
        (rank, field) -> {
          if (rank <= order.size()) {
            Values values = frame.values(field);
            values.texts[row] = reasons.get(order.get(rank - 1));
            values.states[row] = Cell.VALID;
          }
        });
  }
}
