package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
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

/** Joins numbers and vectors into one vector, dense or sparse row by row. */
final class VectorAssembler implements Recipe {
  private final Slot[] sources;
  private final Slot target;
  private final boolean keep;
  private final Session session;

  private VectorAssembler(Slot[] sources, Slot target, boolean keep, Session session) {
    this.sources = sources;
    this.target = target;
    this.keep = keep;
    this.session = session;
  }

  static void compile(Element stage, PlanBuilder plan) {
    InvalidHandling invalid = InvalidHandling.of(stage);
    List<Slot> sources = new ArrayList<>();
    int size = 0;
    for (Element column : stage.children("column")) {
      Slot named = plan.column(column.require("in"));
      if (invalid == InvalidHandling.SKIP) {
        SkipInvalid.compile(plan, named);
      }
      sources.add(named.type() == SparkType.VECTOR ? named : plan.number(named));
      size = Math.addExact(size, width(named));
    }
    Slot target = plan.define(stage.require("out"), SparkType.VECTOR, size, sources);
    plan.origins(target, element -> origin(plan, sources, element));
    VectorAssembler assembler =
        new VectorAssembler(
            sources.toArray(new Slot[0]), target, invalid == InvalidHandling.KEEP, plan.session());
    plan.made(target, assembler);
    plan.step(sources, List.of(target), assembler::run);
  }

  /** What is joined: numbers and vectors. */
  List<Slot> sources() {
    return List.of(sources);
  }

  /** Whether null and NaN are joined as NaN, and not refused. */
  boolean keeps() {
    return keep;
  }

  private static Origin origin(PlanBuilder plan, List<Slot> sources, int element) {
    int first = 0;
    for (Slot source : sources) {
      int width = width(source);
      if (element < first + width) {
        return plan.origin(source, element - first);
      }
      first += width;
    }
    throw new IndexOutOfBoundsException(element);
  }

  private static int width(Slot source) {
    return source.type() == SparkType.VECTOR ? source.size() : 1;
  }

  /**
   * Some of a vector's elements.
   *
   * @param source where they are, or null where they are the same in every row
   * @param values the source's column; of one row, the elements, where they are the same
   * @param at position of the first of them
   */
  private record Part(Slot source, Values values, int at) {}

  private void run(Frame frame) {
    Part[] parts = parts(frame);
    int size = target.size();
    VectorBuilder out = new VectorBuilder(frame.rows(), size, frame.rows() * Math.min(size, 256));
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.failed(row) && assemble(frame, row, parts, out)) {
        Compression.end(out, session, size);
      } else {
        out.endNull();
      }
    }
    frame.set(target.id(), out.build());
  }

  /** The context's part is assembled once; neighbouring sources become one part. */
  private Part[] parts(Frame frame) {
    List<Part> parts = new ArrayList<>();
    VectorBuilder same = null;
    int at = 0;
    for (Slot source : sources) {
      Values shared = frame.shared(source.id());
      if (shared != null && !refuses(shared)) {
        same = same == null ? new VectorBuilder(1, target.size(), 0) : same;
        add(new Part(source, shared, at), 0, same);
      } else {
        same = flush(same, parts);
        parts.add(new Part(source, frame.get(source.id()), at));
      }
      at += width(source);
    }
    flush(same, parts);
    return parts.toArray(new Part[0]);
  }

  private static VectorBuilder flush(VectorBuilder same, List<Part> parts) {
    if (same != null) {
      same.endSparse();
      parts.add(new Part(null, same.build(), 0));
    }
    return null;
  }

  private boolean refuses(Values shared) {
    return !keep
        && (shared.isNull(0)
            || shared instanceof DoubleColumn numbers && Double.isNaN(numbers.values()[0]));
  }

  private boolean assemble(Frame frame, int row, Part[] parts, VectorBuilder out) {
    for (Part part : parts) {
      if (part.source == null) {
        out.addRow((VectorColumn) part.values);
        continue;
      }
      String refusal = add(part, row, out);
      if (refusal != null) {
        frame.fail(row, part.source.id(), refusal);
        return false;
      }
    }
    return true;
  }

  /** Adds a row of a part; returns why the row fails, or null. */
  private String add(Part part, int row, VectorBuilder out) {
    Values values = part.values;
    int at = part.at;
    if (values.isNull(row)) {
      if (!keep) {
        return "a vector assembler met null";
      }
      int end = at + width(part.source);
      for (int k = at; k < end; k++) {
        out.add(k, Double.NaN);
      }
    } else if (values instanceof DoubleColumn numbers) {
      double value = numbers.values()[row];
      if (!keep && Double.isNaN(value)) {
        return "a vector assembler met NaN";
      }
      if (value != 0.0) {
        out.add(at, value);
      }
    } else {
      addVector((VectorColumn) values, row, at, out);
    }
    return null;
  }

  private static void addVector(VectorColumn vectors, int row, int at, VectorBuilder out) {
    int start = vectors.starts()[row];
    int end = vectors.starts()[row + 1];
    boolean dense = vectors.dense()[row];
    for (int k = start; k < end; k++) {
      double value = vectors.values()[k];
      if (value != 0.0) {
        out.add(at + (dense ? k - start : vectors.indices()[k]), value);
      }
    }
  }
}
