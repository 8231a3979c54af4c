package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Each n texts that follow each other, joined by spaces; a null text is the word "null". */
final class NGram {
  private NGram() {}

  static void compile(Element stage, PlanBuilder plan) {
    int n = stage.count("n");
    if (n < 1) {
      throw new InvalidModel("the plan's nGram joins no texts");
    }
    Tokens.add(
        stage, plan, stage.require("in"), stage.require("out"), (in, out) -> map(in, n, out));
  }

  private static void map(StringArrayColumn in, int n, StringArrayBuilder out) {
    StringBuilder joined = new StringBuilder();
    for (int array = 0; array < in.arrays(); array++) {
      int end = in.starts()[array + 1];
      for (int first = in.starts()[array]; end - first >= n; first++) {
        joined.setLength(0);
        for (int k = first; k < first + n; k++) {
          if (k > first) {
            joined.append(' ');
          }
          int code = in.codes()[k];
          joined.append(code < 0 ? null : in.dictionary()[code]);
        }
        out.add(joined.toString());
      }
      out.endArray();
    }
  }
}
