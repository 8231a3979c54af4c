package org.pillion.scoring.compiled.spark.stage;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.compiled.spark.column.Frame;
import org.pillion.scoring.compiled.spark.column.Numbers;
import org.pillion.scoring.compiled.spark.column.SparkType;
import org.pillion.scoring.compiled.spark.column.Values;
import org.pillion.scoring.compiled.spark.column.VectorBuilder;
import org.pillion.scoring.compiled.spark.column.Vectors;
import org.pillion.scoring.compiled.spark.plan.Element;
import org.pillion.scoring.compiled.spark.plan.Origin;
import org.pillion.scoring.compiled.spark.plan.PlanBuilder;
import org.pillion.scoring.compiled.spark.plan.Session;
import org.pillion.scoring.compiled.spark.plan.Slot;

/** Joins numbers and vectors into one vector, dense or sparse row by row. */
final class VectorAssembler {
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
      Slot named = plan.column(column.attribute("in"));
      if (invalid == InvalidHandling.SKIP) {
        SkipInvalid.compile(plan, named);
      }
      sources.add(named.type() == SparkType.VECTOR ? named : plan.number(named));
      size = Math.addExact(size, width(named));
    }
    Slot target = plan.define(stage.attribute("out"), SparkType.VECTOR, size, sources);
    plan.origins(target, element -> origin(plan, sources, element));
    VectorAssembler assembler =
        new VectorAssembler(
            sources.toArray(new Slot[0]), target, invalid == InvalidHandling.KEEP, plan.session());
    plan.step(sources, List.of(target), assembler::run);
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

  private void run(Frame frame) {
    Values[] values = new Values[sources.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = frame.get(sources[i].id());
    }
    int size = target.size();
    VectorBuilder out = new VectorBuilder(frame.rows(), size, frame.rows() * Math.min(size, 256));
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.failed(row) && assemble(frame, row, values, out)) {
        Compression.end(out, session, size);
      } else {
        out.endNull();
      }
    }
    frame.set(target.id(), out.build());
  }

  private boolean assemble(Frame frame, int row, Values[] values, VectorBuilder out) {
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i].isNull(row)) {
        if (!keep) {
          frame.fail(row, sources[i].id(), "a vector assembler met null");
          return false;
        }
        for (int k = width(sources[i]); k > 0; k--) {
          out.add(at++, Double.NaN);
        }
      } else if (values[i] instanceof Numbers numbers) {
        double value = numbers.values()[row];
        if (!keep && Double.isNaN(value)) {
          frame.fail(row, sources[i].id(), "a vector assembler met NaN");
          return false;
        }
        if (value != 0.0) {
          out.add(at, value);
        }
        at++;
      } else {
        addVector((Vectors) values[i], row, at, out);
        at += sources[i].size();
      }
    }
    return true;
  }

  private static void addVector(Vectors vectors, int row, int at, VectorBuilder out) {
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
