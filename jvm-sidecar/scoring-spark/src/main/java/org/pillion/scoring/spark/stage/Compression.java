package org.pillion.scoring.spark.stage;

import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.plan.Session;

/** Spark's {@code Vector.compressed}: the form that takes less memory by its measure. */
final class Compression {
  private Compression() {}

  /** Ends a row in the form that Spark would choose. */
  static void end(VectorBuilder builder, Session session, int size) {
    if (session.sparse(builder.nonZeros(), size)) {
      builder.endSparseNonZeros();
    } else {
      builder.endDense();
    }
  }
}
