package org.pillion.scoring.pmml.model;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Values;

/** {@code RegressionModel}. */
final class RegressionModel extends Model {
  private enum Normalizer {
    /** One table, one number. */
    NUMBER,
    /** The first class by a link, the second as its complement. */
    BINARY,
    /** All classes but the last as they are, which is the rest. */
    REST,
    LOGISTIC_SHARES,
    SIMPLEMAX,
    SOFTMAX
  }

  private final Target target;
  private final RegressionTable[] tables;
  private final Field[] fields;
  private final Normalizer normalizer;
  private final Link link;
  private final MathContext math;

  private RegressionModel(
      ModelContext context,
      Categories categories,
      List<RegressionTable> tables,
      Normalizer normalizer,
      Link link) {
    super(context.label(), categories);
    this.target = context.target();
    this.tables = tables.toArray(new RegressionTable[0]);
    this.normalizer = normalizer;
    this.link = link;
    this.math = context.math();
    Set<Field> read = new LinkedHashSet<>();
    tables.forEach(table -> table.addFields(read));
    this.fields = read.toArray(new Field[0]);
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    element.ignore("modelType");
    String targetName = element.attribute("targetFieldName");
    if (targetName != null && !targetName.equals(context.target().name())) {
      throw element.unsupported("targetFieldName");
    }
    List<Element> children = element.children("RegressionTable");
    String method = element.attribute("normalizationMethod", "none");
    return context.classification()
        ? classification(context, children, method)
        : regression(context, children, method);
  }

  private static Model regression(ModelContext context, List<Element> children, String method) {
    context.requireNumberTarget();
    if (children.size() != 1) {
      throw context.element().invalid("has " + children.size() + " RegressionTable instead of one");
    }
    Link link = method.equals("softmax") ? Link.LOGIT : link(context.element(), method, true);
    return new RegressionModel(
        context,
        null,
        List.of(RegressionTable.compile(children.get(0), context.scope(), context.math())),
        Normalizer.NUMBER,
        link);
  }

  private static Link link(Element element, String method, boolean number) {
    return switch (method) {
      case "none" -> Link.NONE;
      case "logit" -> Link.LOGIT;
      case "cloglog" -> Link.CLOGLOG;
      case "loglog" -> Link.LOGLOG;
      case "cauchit" -> Link.CAUCHIT;
      case "exp" -> {
        if (number) {
          yield Link.EXP;
        }
        throw element.unsupported("normalizationMethod");
      }
      default -> throw element.unsupported("normalizationMethod");
    };
  }

  private static Model classification(ModelContext context, List<Element> children, String method) {
    Element element = context.element();
    if (context.target().type().isContinuous()) {
      throw element.unsupportedUse("it predicts a class for a continuous field");
    }
    if (children.size() < 2) {
      throw element.invalid("has less than two RegressionTable");
    }
    Categories categories =
        Categories.compile(children, "targetCategory", context.requireKeyType());
    requireDeclared(context, children, categories);
    List<RegressionTable> tables =
        children.stream()
            .map(c -> RegressionTable.compile(c, context.scope(), context.math()))
            .toList();
    boolean binary = tables.size() == 2;
    Link link = Link.NONE;
    Normalizer normalizer;
    if (method.equals("softmax")) {
      boolean logistic = binary && tables.get(1).isEmpty();
      normalizer = logistic ? Normalizer.BINARY : Normalizer.SOFTMAX;
      link = Link.LOGIT;
    } else if (method.equals("simplemax")) {
      normalizer = Normalizer.SIMPLEMAX;
    } else if (binary) {
      normalizer = Normalizer.BINARY;
      link = link(element, method, false);
    } else if (method.equals("none")) {
      normalizer = Normalizer.REST;
    } else if (method.equals("logit")) {
      normalizer = Normalizer.LOGISTIC_SHARES;
    } else {
      throw element.unsupported("normalizationMethod");
    }
    return new RegressionModel(context, categories, tables, normalizer, link);
  }

  /** Where the target field names its values, the tables must be for those. */
  private static void requireDeclared(
      ModelContext context, List<Element> children, Categories categories) {
    List<String> values = context.target().values();
    if (values.isEmpty()) {
      return;
    }
    if (values.size() != children.size()) {
      throw context
          .element()
          .invalid("has %d tables for %d classes".formatted(children.size(), values.size()));
    }
    for (String value : values) {
      Object key =
          categories.type() == DataType.STRING ? value : parse(context, value, categories.type());
      if (!categories.keys().contains(key)) {
        throw context.element().invalid("has no table for the class '" + value + "'");
      }
    }
  }

  private static Object parse(ModelContext context, String value, DataType type) {
    try {
      return Casting.parse(value, type);
    } catch (IllegalArgumentException e) {
      throw context.element().unsupportedUse("its target's value '" + value + "' is none");
    }
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    double[][] byClass = new double[tables.length][];
    for (int i = 0; i < tables.length; i++) {
      byClass[i] = tables[i].sums(frame);
    }
    boolean[] present = recomputeIncomplete(frame, byClass);
    if (normalizer == Normalizer.NUMBER) {
      for (int row = 0; row < frame.rows(); row++) {
        if (present[row]) {
          target.predict(frame, row, link.inverse(byClass[0][row], math), labels, math);
        }
      }
      return;
    }
    normalize(frame, byClass);
    frame.putProbabilities(label(), byClass);
    for (int row = 0; row < frame.rows(); row++) {
      if (present[row] && !frame.isFailed(row)) {
        categories().labelWinner(labels, row, byClass);
      }
    }
  }

  /** Corrects the rows without a value in some field; tells which rows have a result. */
  private boolean[] recomputeIncomplete(Frame frame, double[][] byClass) {
    boolean[] present = new boolean[frame.rows()];
    boolean[] complete = frame.complete(fields);
    Cell cell = new Cell();
    for (int row = 0; row < present.length; row++) {
      present[row] = frame.isActive(row) && (complete[row] || recompute(frame, row, byClass, cell));
      if (!present[row]) {
        for (double[] values : byClass) {
          values[row] = 1d;
        }
      }
    }
    return present;
  }

  private boolean recompute(Frame frame, int row, double[][] byClass, Cell cell) {
    for (int i = 0; i < tables.length; i++) {
      tables[i].sum(frame, row, cell);
      if (cell.state == Cell.FAILED) {
        frame.failPrediction(row, cell.reason);
      }
      if (cell.state != Cell.VALID) {
        return false;
      }
      byClass[i][row] = cell.number;
    }
    return true;
  }

  private void normalize(Frame frame, double[][] byClass) {
    switch (normalizer) {
      case BINARY -> binary(byClass[0], byClass[1]);
      case REST -> rest(byClass, frame.rows());
      case LOGISTIC_SHARES -> {
        for (double[] values : byClass) {
          for (int row = 0; row < values.length; row++) {
            values[row] = math.logistic(values[row]);
          }
        }
        Normalization.simplemax(byClass, frame, math);
      }
      case SIMPLEMAX -> Normalization.simplemax(byClass, frame, math);
      case SOFTMAX -> Normalization.softmax(byClass, frame, math);
      default -> throw new IllegalStateException();
    }
  }

  private void binary(double[] first, double[] second) {
    for (int row = 0; row < first.length; row++) {
      first[row] =
          link == Link.NONE
              ? Math.min(Math.max(first[row], 0d), 1d)
              : link.inverse(first[row], math);
      second[row] = math.round(1d - first[row]);
    }
  }

  private void rest(double[][] byClass, int rows) {
    int last = byClass.length - 1;
    for (int row = 0; row < rows; row++) {
      double sum = byClass[0][row];
      for (int i = 1; i < last; i++) {
        sum = math.round(sum + byClass[i][row]);
      }
      byClass[last][row] = math.round(1d - sum);
    }
  }
}
