package org.pillion.scoring.spark.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CaseMappingTest {
  /** What ICU 78 and hence Spark 4.2 make of them; in the second and third, Java itself differs. */
  @ParameterizedTest
  @CsvSource({
    "ΣΊΣΥΦΟΣ ΟΔΟΣ, σίσυφος οδος",
    "ıΣ1ς, ıς1ς",
    "σᾳ.\u0301Σ, σᾳ.\u0301ς",
    "A'Σ, a'ς",
    "Σ, σ",
    "aΣ\u0301b, aσ\u0301b",
    "İI, i\u0307i",
    "𐐀ẞ, 𐐨ß",
  })
  void lowerCase_isThatOfUnicode(String text, String expected) {
    assertEquals(expected, CaseMapping.lower(text));
  }

  @ParameterizedTest
  @CsvSource({"ßŉﬁ, SSʼNFI", "ıi, II", "👍🏽ᾳ, 👍🏽ΑΙ"})
  void upperCase_isThatOfUnicode(String text, String expected) {
    assertEquals(expected, CaseMapping.upper(text));
  }

  @ParameterizedTest
  @CsvSource({
    "the ΟΔΟΣ ΣΑΣ aΣ, The Οδος Σας Aς",
    "ßa ŉa ǆx ﬁx ﬓ, Ssa ʼNa ǅx Fix Մն",
    "İI ıI, İi Ii",
    "\u1fb3 \u1fb2 \u1fb7 \u1f88 \u0390, \u1fbc \u1fba\u0345 \u0391\u0342\u0345 \u1f88 \u0399\u0308\u0301",
    "o'NEIL a-b, O'neil A-b",
    "𐐨𐐀 ა, 𐐀𐐨 ა",
  })
  void titleCase_isThatOfUnicodeAfterSpaces(String text, String expected) {
    assertEquals(expected, CaseMapping.title(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u2fe0", "a\ufdd0"})
  void characterThatIsNotAssigned_hasNoKnownCase(String text) {
    assertNull(CaseMapping.lower(text));
    assertNull(CaseMapping.upper(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u019b", "\u0264"})
  void letterThatGotACapitalLater_hasNoKnownUpperCase(String text) {
    assertEquals(text, CaseMapping.lower(text));
    assertNull(CaseMapping.upper(text));
  }
}
