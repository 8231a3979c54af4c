package org.pillion.scoring.spark.stage;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Drops stop words from arrays of texts. */
final class StopWordsRemover {
  private final Set<String> words = new HashSet<>();
  private final boolean dropsNull;

  /** Null where the case counts. */
  private final Locale locale;

  private StopWordsRemover(Element stage) {
    Locale language = new Locale(stage.require("locale"));
    locale = stage.flag("case-sensitive") ? null : language;
    dropsNull = stage.flag("null");
    for (String word : stage.strings()) {
      words.add(key(word));
    }
  }

  static void compile(Element stage, PlanBuilder plan) {
    StopWordsRemover remover = new StopWordsRemover(stage);
    Tokens.add(stage, plan, stage.require("in"), stage.require("out"), remover::map);
  }

  private String key(String word) {
    return locale == null ? word : word.toLowerCase(locale);
  }

  private void map(StringArrayColumn in, StringArrayBuilder out) {
    String[] dictionary = in.dictionary();
    boolean[] dropped = new boolean[dictionary.length];
    for (int code = 0; code < dropped.length; code++) {
      dropped[code] = words.contains(key(dictionary[code]));
    }
    for (int array = 0; array < in.arrays(); array++) {
      for (int k = in.starts()[array]; k < in.starts()[array + 1]; k++) {
        int code = in.codes()[k];
        if (code < 0 ? !dropsNull : !dropped[code]) {
          out.add(code < 0 ? null : dictionary[code]);
        }
      }
      out.endArray();
    }
  }
}
