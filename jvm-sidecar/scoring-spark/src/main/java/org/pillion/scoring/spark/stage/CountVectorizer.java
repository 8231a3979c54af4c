package org.pillion.scoring.spark.stage;

import java.util.HashMap;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Counts the terms of a vocabulary. */
final class CountVectorizer {
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final TermCounts counts;

  private CountVectorizer(Element stage) {
    for (String term : stage.strings()) {
      if (vocabulary.put(term, vocabulary.size()) != null) {
        throw new InvalidModel("the plan's vocabulary has the term '" + term + "' twice");
      }
    }
    counts = new TermCounts(vocabulary.size(), stage.number("smallest"), stage.flag("binary"));
  }

  static void compile(Element stage, PlanBuilder plan) {
    CountVectorizer vectorizer = new CountVectorizer(stage);
    Tokens.addVectors(stage, plan, vectorizer.vocabulary.size(), vectorizer::count);
  }

  private VectorColumn count(StringArrayColumn in) {
    int[] indices = new int[in.dictionary().length];
    for (int code = 0; code < indices.length; code++) {
      indices[code] = vocabulary.getOrDefault(in.dictionary()[code], -1);
    }
    return counts.count(in, indices, -1);
  }
}
