package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;
import org.pillion.scoring.spark.text.JavaVersion;
import org.pillion.scoring.spark.text.Murmur3;

/**
 * Puts columns into vectors at the places that hashes give them: a number at the hash of its
 * column's name, a category as 1 at the hash of {@code name=category}. Those that meet are added in
 * the order in which Spark takes the columns, which is that of the element.
 */
final class FeatureHasher {
  /**
   * A column.
   *
   * @param source where its values are
   * @param prefix what is hashed before a category; null for a number
   * @param index the place of a number
   */
  private record Part(Slot source, String prefix, int index) {}

  private final int size;
  private final List<Part> parts = new ArrayList<>();
  private final List<Slot> sources = new ArrayList<>();

  private FeatureHasher(Element stage, PlanBuilder plan) {
    size = stage.count("length");
    if (size < 1) {
      throw new InvalidModel("the plan's featureHasher has no features");
    }
    int java = stage.count("java");
    for (Element column : stage.children("column")) {
      String name = column.require("name");
      Slot source = plan.column(column.require("in"));
      if (column.flag("category")) {
        requireCategory(source, java);
        parts.add(new Part(source, name + "=", -1));
      } else {
        source = plan.number(source);
        parts.add(new Part(source, null, Murmur3.index(Murmur3.hash(name), size)));
      }
      sources.add(source);
    }
  }

  static void compile(Element stage, PlanBuilder plan) {
    FeatureHasher hasher = new FeatureHasher(stage, plan);
    Slot target = plan.define(stage.require("out"), SparkType.VECTOR, hasher.size, hasher.sources);
    plan.step(hasher.sources, List.of(target), frame -> hasher.run(frame, target));
  }

  private static void requireCategory(Slot source, int java) {
    if (!source.type().isScalar()) {
      throw new InvalidModel(
          "the plan's featureHasher has a category of type " + source.type().text());
    }
    if (source.type().isFloating()) {
      JavaVersion.requireAlike(java, "texts of numbers");
    }
  }

  private void run(Frame frame, Slot target) {
    int rows = frame.rows();
    VectorBuilder out = new VectorBuilder(rows, size, rows * parts.size());
    int[][] places = new int[parts.size()][];
    Values[] columns = new Values[places.length];
    for (int i = 0; i < places.length; i++) {
      columns[i] = frame.get(parts.get(i).source.id());
      places[i] = places(parts.get(i), columns[i], rows);
    }
    int[] indices = new int[places.length];
    double[] values = new double[places.length];
    for (int row = 0; row < rows; row++) {
      int n = 0;
      for (int i = 0; i < places.length; i++) {
        if (!columns[i].isNull(row)) {
          double value =
              parts.get(i).prefix == null ? ((DoubleColumn) columns[i]).values()[row] : 1.0;
          n =
              add(
                  places[i] == null ? parts.get(i).index : places[i][row],
                  value,
                  indices,
                  values,
                  n);
        }
      }
      for (int k = 0; k < n; k++) {
        out.add(indices[k], values[k]);
      }
      out.endSparse();
    }
    frame.set(target.id(), out.build());
  }

  /** Adds a value at its place among the first {@code n}, which ascend; returns their number. */
  private static int add(int index, double value, int[] indices, double[] values, int n) {
    int k = n;
    while (k > 0 && indices[k - 1] > index) {
      k--;
    }
    if (k > 0 && indices[k - 1] == index) {
      values[k - 1] += value;
      return n;
    }
    System.arraycopy(indices, k, indices, k + 1, n - k);
    System.arraycopy(values, k, values, k + 1, n - k);
    indices[k] = index;
    values[k] = value;
    return n + 1;
  }

  /** Per row, the place of its category; null for numbers, which have one place. */
  private int[] places(Part part, Values column, int rows) {
    if (part.prefix == null) {
      return null;
    }
    int[] places = new int[rows];
    if (column instanceof StringColumn texts) {
      int[] known = new int[texts.dictionary().length];
      for (int code = 0; code < known.length; code++) {
        known[code] = place(part, texts.dictionary()[code]);
      }
      for (int row = 0; row < rows; row++) {
        places[row] = texts.codes()[row] < 0 ? -1 : known[texts.codes()[row]];
      }
      return places;
    }
    for (int row = 0; row < rows; row++) {
      if (!column.isNull(row)) {
        places[row] = place(part, text(part.source.type(), column, row));
      }
    }
    return places;
  }

  private int place(Part part, String category) {
    return Murmur3.index(Murmur3.hash(part.prefix + category), size);
  }

  private static String text(SparkType type, Values column, int row) {
    if (column instanceof LongColumn wholes) {
      return Long.toString(wholes.values()[row]);
    }
    if (column instanceof BooleanColumn flags) {
      return Boolean.toString(flags.values()[row]);
    }
    double number = ((DoubleColumn) column).values()[row];
    return type == SparkType.FLOAT ? Float.toString((float) number) : Double.toString(number);
  }
}
