package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Origin;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Recipe;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

/** All products of one element of each column; nominal elements are one-hot encoded first. */
final class Interaction implements Recipe {
  private final Slot[] sources;
  private final Encoding[] encodings;
  private final Slot target;
  private final Session session;

  /**
   * How the elements of a column are spread.
   *
   * @param widths per element, its number of categories, or 1 for a number
   * @param offsets per element, where its place begins
   * @param size sum of the widths
   */
  private record Encoding(int[] widths, int[] offsets, int size) {}

  private Interaction(Slot[] sources, Encoding[] encodings, Slot target, Session session) {
    this.sources = sources;
    this.encodings = encodings;
    this.target = target;
    this.session = session;
  }

  static void compile(Element stage, PlanBuilder plan) {
    List<Slot> sources = new ArrayList<>();
    List<Encoding> encodings = new ArrayList<>();
    int size = 1;
    for (Element column : stage.children("column")) {
      Slot named = plan.column(column.require("in"));
      boolean vector = named.type() == SparkType.VECTOR;
      int[] widths = column.ints();
      if (widths.length != (vector ? named.size() : 1)) {
        throw new InvalidModel(
            "the plan's interaction has %d widths for the column '%s'"
                .formatted(widths.length, named.name()));
      }
      Encoding encoding = encoding(widths);
      sources.add(vector ? named : plan.number(named));
      encodings.add(encoding);
      size = Math.multiplyExact(size, encoding.size);
    }
    Slot target = plan.define(stage.require("out"), SparkType.VECTOR, size, sources);
    plan.origins(target, element -> origin(plan, sources, encodings, target, element));
    Interaction interaction =
        new Interaction(
            sources.toArray(new Slot[0]),
            encodings.toArray(new Encoding[0]),
            target,
            plan.session());
    plan.made(target, interaction);
    plan.step(sources, List.of(target), interaction::run);
  }

  /** What interacts: numbers and vectors. */
  List<Slot> sources() {
    return List.of(sources);
  }

  /**
   * An element is a product of one element of each column, of which the last one's varies fastest.
   */
  private static Origin origin(
      PlanBuilder plan, List<Slot> sources, List<Encoding> encodings, Slot target, int element) {
    Origin[] parts = new Origin[sources.size()];
    int rest = element;
    for (int i = parts.length - 1; i >= 0; i--) {
      Encoding encoding = encodings.get(i);
      int found = Arrays.binarySearch(encoding.offsets, rest % encoding.size);
      parts[i] = plan.origin(sources.get(i), found >= 0 ? found : -found - 2);
      rest /= encoding.size;
    }
    return Origin.joint(target.name(), parts);
  }

  private static Encoding encoding(int[] widths) {
    int[] offsets = new int[widths.length];
    int size = 0;
    for (int i = 0; i < widths.length; i++) {
      if (widths[i] < 1) {
        throw new InvalidModel("the plan's interaction has a width of " + widths[i]);
      }
      offsets[i] = size;
      size = Math.addExact(size, widths[i]);
    }
    return new Encoding(widths, offsets, size);
  }

  /** The products of one row so far. */
  private static final class Products {
    int[] indices = {0};
    double[] values = {1.0};
    int count = 1;
    int[] nextIndices = new int[16];
    double[] nextValues = new double[16];
    int nextCount;

    void multiply(int index, double value, int stride) {
      if (nextCount + count > nextValues.length) {
        int room = Math.max(nextCount + count, 2 * nextValues.length);
        nextIndices = Arrays.copyOf(nextIndices, room);
        nextValues = Arrays.copyOf(nextValues, room);
      }
      for (int j = 0; j < count; j++) {
        nextIndices[nextCount] = indices[j] + index * stride;
        nextValues[nextCount++] = values[j] * value;
      }
    }

    void next() {
      int[] spareIndices = indices;
      double[] spareValues = values;
      indices = nextIndices;
      values = nextValues;
      count = nextCount;
      nextIndices = spareIndices;
      nextValues = spareValues;
      nextCount = 0;
    }

    void restart() {
      indices[0] = 0;
      values[0] = 1.0;
      count = 1;
      nextCount = 0;
    }
  }

  private void run(Frame frame) {
    Values[] columns = new Values[sources.length];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = frame.get(sources[i].id());
    }
    Products products = new Products();
    VectorBuilder out = new VectorBuilder(frame.rows(), target.size(), 16 * frame.rows());
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.failed(row) || !interact(frame, row, columns, products)) {
        out.endNull();
        continue;
      }
      for (int k = 0; k < products.count; k++) {
        out.add(products.indices[k], products.values[k]);
      }
      Compression.end(out, session, target.size());
    }
    frame.set(target.id(), out.build());
  }

  private boolean interact(Frame frame, int row, Values[] columns, Products products) {
    products.restart();
    int stride = 1;
    for (int i = columns.length - 1; i >= 0; i--) {
      if (columns[i].isNull(row)) {
        frame.fail(row, sources[i].id(), "an interaction met null");
        return false;
      }
      if (!spread(columns[i], row, encodings[i], stride, products)) {
        frame.fail(row, sources[i].id(), "an interaction met a number that is not an index");
        return false;
      }
      products.next();
      stride *= encodings[i].size;
    }
    return true;
  }

  private static boolean spread(
      Values column, int row, Encoding encoding, int stride, Products products) {
    if (column instanceof DoubleColumn numbers) {
      return spread(0, numbers.values()[row], encoding, stride, products);
    }
    VectorColumn vectors = (VectorColumn) column;
    int start = vectors.starts()[row];
    int end = vectors.starts()[row + 1];
    boolean dense = vectors.dense()[row];
    for (int k = start; k < end; k++) {
      int element = dense ? k - start : vectors.indices()[k];
      if (!spread(element, vectors.values()[k], encoding, stride, products)) {
        return false;
      }
    }
    return true;
  }

  private static boolean spread(
      int element, double value, Encoding encoding, int stride, Products products) {
    int offset = encoding.offsets[element];
    int width = encoding.widths[element];
    if (width == 1) {
      products.multiply(offset, value, stride);
      return true;
    }
    if (!(value >= 0.0 && value == (int) value && value < width)) {
      return false;
    }
    products.multiply(offset + (int) value, 1.0, stride);
    return true;
  }
}
