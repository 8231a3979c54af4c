package org.pillion.scoring.spark.stage;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Recipe;
import org.pillion.scoring.spark.plan.Slot;

/** Turns labels into numbers. A number's label is the text that Spark casts it to. */
final class StringIndexer implements Recipe {
  private final Slot source;
  private final Slot target;
  private final InvalidHandling invalid;

  /** By text, or by number where the column has numbers. */
  private final Labels labels;

  private StringIndexer(Slot source, Slot target, InvalidHandling invalid, Labels labels) {
    this.source = source;
    this.target = target;
    this.invalid = invalid;
    this.labels = labels;
  }

  static void compile(Element stage, PlanBuilder plan) {
    InvalidHandling invalid = InvalidHandling.of(stage);
    if (invalid == InvalidHandling.SKIP) {
      for (Element column : stage.children("column")) {
        Slot source = plan.column(column.require("in"));
        SkipInvalid.compile(plan, source);
        StringIndexer filter = new StringIndexer(source, null, invalid, labels(source, column));
        plan.filter(List.of(source), filter::drop);
      }
    }
    for (Element column : stage.children("column")) {
      Slot source = plan.column(column.require("in"));
      Labels labels = labels(source, column);
      plan.vocabulary(source, List.of(column.strings()));
      Slot target = plan.define(column.require("out"), SparkType.DOUBLE, 0, List.of(source));
      StringIndexer indexer = new StringIndexer(source, target, invalid, labels);
      plan.made(target, indexer);
      plan.step(List.of(source), List.of(target), indexer::run);
    }
  }

  private static Labels labels(Slot source, Element column) {
    String[] labels = column.strings();
    Map<Object, Integer> indices = new HashMap<>();
    for (int i = 0; i < labels.length; i++) {
      Object key;
      try {
        key = key(source.type(), labels[i]);
      } catch (NumberFormatException e) {
        // No number is cast to this text.
        key = "text " + labels[i];
      }
      if (indices.put(key, i) != null) {
        throw new InvalidModel("the plan's indexer has the label '" + labels[i] + "' twice");
      }
    }
    return new Labels(indices);
  }

  /** The column of labels. */
  Slot source() {
    return source;
  }

  /** The labels; the index of what is none of them is their number, if it has one. */
  Labels labels() {
    return labels;
  }

  /** Whether what is no label has an index. */
  boolean keeps() {
    return invalid == InvalidHandling.KEEP;
  }

  /** A cast to text and back gives the same number, so numbers may be compared instead. */
  private static Object key(SparkType type, String label) {
    return switch (type) {
      case STRING, BOOLEAN -> label;
      case DOUBLE -> Double.valueOf(label);
      case FLOAT -> (double) Float.parseFloat(label);
      case DECIMAL -> new BigDecimal(label).stripTrailingZeros();
      case VECTOR, STRINGS, DATE, TIMESTAMP, TIMESTAMP_NTZ ->
          throw new InvalidModel("the plan's indexer has a column of type " + type.text());
      default -> Long.valueOf(label);
    };
  }

  private void run(Frame frame) {
    double[] out = new double[frame.rows()];
    Values values = frame.get(source.id());
    if (values instanceof StringColumn texts && texts.isNumbered()) {
      int[] known = new int[texts.dictionary().length];
      for (int code = 0; code < known.length; code++) {
        known[code] = labels.index(texts.dictionary()[code]);
      }
      for (int row = 0; row < out.length; row++) {
        int code = texts.codes()[row];
        out[row] = settle(frame, row, code < 0 ? labels.size() : known[code], code < 0);
      }
    } else {
      for (int row = 0; row < out.length; row++) {
        boolean isNull = values.isNull(row);
        out[row] = settle(frame, row, isNull ? labels.size() : index(values, row), isNull);
      }
    }
    frame.set(target.id(), new DoubleColumn(out, null));
  }

  private int index(Values values, int row) {
    Object key;
    if (values instanceof StringColumn texts) {
      return labels.index(texts.text(row));
    } else if (values instanceof DoubleColumn numbers) {
      key = numbers.values()[row];
    } else if (values instanceof LongColumn wholes) {
      key = wholes.values()[row];
    } else if (values instanceof DecimalColumn decimals) {
      key = decimals.isNull(row) ? null : decimals.values()[row].stripTrailingZeros();
    } else {
      key = Boolean.toString(((BooleanColumn) values).values()[row]);
    }
    return labels.indexOf(key);
  }

  private double settle(Frame frame, int row, int index, boolean isNull) {
    if (index == labels.size() && invalid != InvalidHandling.KEEP && !frame.failed(row)) {
      frame.fail(
          row,
          source.id(),
          isNull ? "a string indexer met null" : "a string indexer has not seen this label");
    }
    return index;
  }

  /** Fails the rows that a filter on known labels drops. */
  private void drop(Frame frame) {
    Values values = frame.get(source.id());
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.failed(row) && index(values, row) == labels.size()) {
        frame.fail(row, source.id(), InvalidHandling.DROPPED);
      }
    }
  }
}
