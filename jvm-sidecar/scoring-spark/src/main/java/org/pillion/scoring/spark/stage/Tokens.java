package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;
import org.pillion.scoring.spark.text.Regex;

/**
 * What the stages on texts and on arrays of them have in common. Each different one is met once.
 */
final class Tokens {
  /** Position of a text that no row has met yet. */
  private static final int UNSEEN = -1;

  /** Position of a text that its regular expression gives up on. */
  private static final int EXHAUSTED = -2;

  /** Splits a text. */
  interface Splitter {
    /**
     * Adds the tokens of a text.
     *
     * @return false where the text takes too many steps
     */
    boolean split(String text, StringArrayBuilder tokens);
  }

  /** Makes arrays of arrays. */
  interface ArrayMap {
    /** Ends an array in {@code out} for each one in {@code in}. */
    void map(StringArrayColumn in, StringArrayBuilder out);
  }

  /** Makes vectors of arrays. */
  interface VectorMap {
    /** A vector for each array. */
    VectorColumn map(StringArrayColumn in);
  }

  private Tokens() {}

  /** Adds a kernel from the column of texts {@code in} to the column of arrays {@code out}. */
  static void add(Element stage, PlanBuilder plan, Splitter splitter) {
    Slot source = source(stage.require("in"), stage, plan, SparkType.STRING);
    Slot target = plan.define(stage.require("out"), SparkType.STRINGS, 0, List.of(source));
    plan.step(
        List.of(source),
        List.of(target),
        frame -> frame.set(target.id(), split(frame, source, splitter)));
  }

  /** Adds a kernel from one column of arrays to another. */
  static void add(Element stage, PlanBuilder plan, String in, String out, ArrayMap map) {
    Slot source = source(in, stage, plan, SparkType.STRINGS);
    Slot target = plan.define(out, SparkType.STRINGS, 0, List.of(source));
    plan.step(
        List.of(source),
        List.of(target),
        frame -> {
          StringArrayBuilder arrays = new StringArrayBuilder();
          StringArrayColumn column = present(frame, source);
          map.map(column, arrays);
          frame.set(target.id(), arrays.build(column.rows()));
        });
  }

  /** Adds a kernel from the column of arrays {@code in} to the column of vectors {@code out}. */
  static void addVectors(Element stage, PlanBuilder plan, int size, VectorMap map) {
    Slot source = source(stage.require("in"), stage, plan, SparkType.STRINGS);
    Slot target = plan.define(stage.require("out"), SparkType.VECTOR, size, List.of(source));
    plan.step(
        List.of(source),
        List.of(target),
        frame -> {
          StringArrayColumn column = present(frame, source);
          frame.set(target.id(), map.map(column).gather(column.rows()));
        });
  }

  private static Slot source(String name, Element stage, PlanBuilder plan, SparkType type) {
    Slot source = plan.column(name);
    if (source.type() != type) {
      throw new InvalidModel(
          "the plan's %s takes the column '%s' of type %s, not %s"
              .formatted(stage.name(), name, source.type().text(), type.text()));
    }
    return source;
  }

  private static StringArrayColumn split(Frame frame, Slot source, Splitter splitter) {
    StringColumn in = (StringColumn) frame.get(source.id());
    StringArrayBuilder tokens = new StringArrayBuilder();
    int[] arrays = new int[in.dictionary().length];
    Arrays.fill(arrays, UNSEEN);
    int[] rows = new int[frame.rows()];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = -1;
      int code = in.codes()[row];
      if (frame.failed(row)) {
        continue;
      }
      if (code < 0) {
        frame.fail(row, source.id(), "a tokenizer met null");
        continue;
      }
      if (arrays[code] == UNSEEN) {
        if (splitter.split(in.dictionary()[code], tokens)) {
          arrays[code] = tokens.endArray();
        } else {
          arrays[code] = EXHAUSTED;
          tokens.drop();
        }
      }
      if (arrays[code] == EXHAUSTED) {
        frame.fail(row, source.id(), Regex.EXHAUSTED);
        continue;
      }
      rows[row] = arrays[code];
    }
    return tokens.build(rows);
  }

  /** A column of arrays; null fails its row. */
  private static StringArrayColumn present(Frame frame, Slot source) {
    StringArrayColumn in = frame.stringArrays(source.id());
    for (int row = 0; row < frame.rows(); row++) {
      if (in.isNull(row)) {
        frame.fail(row, source.id(), "a text stage met null");
      }
    }
    return in;
  }
}
