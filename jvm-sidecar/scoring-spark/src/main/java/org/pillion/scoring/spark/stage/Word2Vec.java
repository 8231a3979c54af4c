package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.StringTokenizer;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/**
 * The mean of the words' vectors: floats, added in double in the order of the words, times 1 / the
 * number of words, unknown ones included. No words make an empty sparse vector.
 */
final class Word2Vec {
  private final int size;
  private final Map<String, float[]> vectors = new HashMap<>();

  private Word2Vec(Element stage) {
    size = stage.count("length");
    for (Element word : stage.children("word")) {
      if (vectors.put(word.require("text"), floats(word)) != null) {
        throw new InvalidModel("the plan's word2Vec has a word twice" + word.at());
      }
    }
  }

  static void compile(Element stage, PlanBuilder plan) {
    Word2Vec model = new Word2Vec(stage);
    Tokens.addVectors(stage, plan, model.size, model::mean);
  }

  private float[] floats(Element word) {
    StringTokenizer tokens = new StringTokenizer(word.text());
    float[] values = new float[tokens.countTokens()];
    try {
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.parseFloat(tokens.nextToken());
      }
    } catch (NumberFormatException e) {
      throw new InvalidModel("the plan's word2Vec has a vector that is not numbers" + word.at(), e);
    }
    if (values.length != size) {
      throw new InvalidModel(
          "the plan's word2Vec has a vector of length %d, not %d%s"
              .formatted(values.length, size, word.at()));
    }
    return values;
  }

  private VectorColumn mean(StringArrayColumn in) {
    float[][] known = new float[in.dictionary().length][];
    for (int code = 0; code < known.length; code++) {
      known[code] = vectors.get(in.dictionary()[code]);
    }
    VectorBuilder out = new VectorBuilder(in.arrays(), size, size * in.arrays());
    double[] sum = new double[size];
    for (int array = 0; array < in.arrays(); array++) {
      int start = in.starts()[array];
      int end = in.starts()[array + 1];
      if (start == end) {
        out.endSparse();
        continue;
      }
      Arrays.fill(sum, 0.0);
      for (int k = start; k < end; k++) {
        float[] vector = in.codes()[k] < 0 ? null : known[in.codes()[k]];
        for (int i = 0; vector != null && i < size; i++) {
          sum[i] += vector[i];
        }
      }
      double scale = 1.0 / (end - start);
      for (int i = 0; i < size; i++) {
        out.add(i, sum[i] * scale);
      }
      out.endDense();
    }
    return out.build();
  }
}
