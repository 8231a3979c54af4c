package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.text.Murmur3;

/** Counts terms at the places that their hashes give them. */
final class HashingTF {
  private HashingTF() {}

  static void compile(Element stage, PlanBuilder plan) {
    int size = stage.count("length");
    if (size < 1) {
      throw new InvalidModel("the plan's hashingTF has no features");
    }
    TermCounts counts = new TermCounts(size, 1.0, stage.flag("binary"));
    Tokens.addVectors(stage, plan, size, in -> count(in, size, counts));
  }

  private static VectorColumn count(StringArrayColumn in, int size, TermCounts counts) {
    int[] indices = new int[in.dictionary().length];
    for (int code = 0; code < indices.length; code++) {
      indices[code] = Murmur3.index(Murmur3.hash(in.dictionary()[code]), size);
    }
    return counts.count(in, indices, Murmur3.index(Murmur3.SEED, size));
  }
}
