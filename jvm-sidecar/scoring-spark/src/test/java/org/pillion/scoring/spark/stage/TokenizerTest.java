package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.column.StringArrayColumn;

final class TokenizerTest {
  @Property
  void words_areThoseOfJavasSplit(
      @ForAll
          @Chars({' ', '\t', '\n', '\r', '\f', '\u000b', '\u0085', '\u00a0', 'a', 'é'})
          @CharRange(from = '\u0000', to = '\u0020')
          String text) {
    StringArrayBuilder words = new StringArrayBuilder();
    Tokenizer.split(text, words);
    words.endArray();

    StringArrayColumn column = words.build(new int[] {0});
    List<String> found = new ArrayList<>();
    for (int code : column.codes()) {
      found.add(column.dictionary()[code]);
    }
    assertEquals(List.of(text.split("\\s")), found);
  }
}
