package org.pillion.scoring.spark.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pillion.scoring.UnsupportedElement;

@Timeout(60)
final class RegexTest {
  private static final int HERE = Runtime.version().feature();

  private static Regex regex(String pattern) {
    return Regex.compile(pattern, HERE);
  }

  @Test
  void backtrackingWithoutEnd_stops() {
    String text = "a".repeat(40);
    Regex regex = regex("a?".repeat(40) + text);

    assertNull(regex.apply(text, Matcher::find));
    assertNull(regex.split(text, 0));
  }

  @Test
  void backtrackingPastTheStack_stops() {
    assertNull(regex("(a|b)*").apply("ab".repeat(500_000), Matcher::matches));
  }

  @Test
  void usualPattern_isNotStoppedOnALongText() {
    String text = "good film ".repeat(100_000);

    assertEquals(200_000, regex("\\s+").split(text, 0).length);
  }

  @Test
  void parts_areThoseOfJava() {
    for (String text : new String[] {"", " ", "a  b ", " a", "a", "a\u000bb\n", "𝒩 👍🏽"}) {
      for (String pattern : new String[] {"\\s", "\\s+", "", "a|", "\\W+"}) {
        for (int limit : new int[] {-1, 0, 2}) {
          assertArrayEquals(text.split(pattern, limit), regex(pattern).split(text, limit));
        }
      }
    }
  }

  @Test
  void wordBoundary_needsTheJavaOfSpark() {
    int other = HERE < 19 ? 21 : 17;

    UnsupportedElement refused =
        assertThrows(UnsupportedElement.class, () -> Regex.compile("\\bfilm\\b", other));

    assertTrue(refused.getMessage().contains("Java " + other), refused::getMessage);
    assertEquals(true, Regex.compile("film", other).apply("a film", Matcher::find));
  }

  @Test
  void patternThatThisJavaDoesNotKnow_isUnsupported() {
    assertThrows(UnsupportedElement.class, () -> regex("(unclosed"));
    assertThrows(UnsupportedElement.class, () -> regex("(".repeat(200_000)));
  }
}
