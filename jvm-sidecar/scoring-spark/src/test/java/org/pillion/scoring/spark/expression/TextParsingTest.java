package org.pillion.scoring.spark.expression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextParsingTest {
  @Test
  void date_withoutDay_isItsFirst() {
    assertEquals(days("2000-01-01"), TextParsing.date("2000"));
    assertEquals(days("2000-07-01"), TextParsing.date("2000-7"));
  }

  @Test
  void date_beforeTime_isRead() {
    assertEquals(days("2000-02-29"), TextParsing.date(" 2000-2-29T25:99 "));
  }

  @Test
  void date_thatNoCalendarHas_isEmpty() {
    assertEquals(OptionalLong.empty(), TextParsing.date("2001-02-29"));
    assertEquals(OptionalLong.empty(), TextParsing.date("01-02-03"));
    assertEquals(OptionalLong.empty(), TextParsing.date("2001 x"));
  }

  @Test
  void timestamp_withoutZone_isInTheSessionsOne() {
    assertEquals(
        micros("2001-06-01T10:00:00Z"),
        TextParsing.timestamp("2001-06-01 12:00", ZoneId.of("Europe/Berlin")));
  }

  @Test
  void timestamp_withZone_isInItsOwn() {
    assertEquals(
        micros("2001-06-01T11:00:00.25Z"),
        TextParsing.timestamp("2001-06-01 12:00:00.25+1:00", ZoneOffset.UTC));
  }

  @Test
  void timestamp_ofManyDigits_isCutToMicroseconds() {
    assertEquals(
        micros("2001-06-01T12:00:00.123456Z"),
        TextParsing.timestamp("2001-06-01 12:00:00.1234569", ZoneOffset.UTC));
  }

  @Test
  void number_takesJavasSpellingsAndNames() {
    assertEquals(OptionalDouble.of(1.0), TextParsing.number(" 1d ", false));
    assertEquals(OptionalDouble.of(Double.NEGATIVE_INFINITY), TextParsing.number("-INF", false));
    assertEquals(OptionalDouble.empty(), TextParsing.number("1,5", false));
  }

  @Test
  void whole_withFraction_dependsOnTheMode() {
    assertEquals(OptionalLong.of(1), TextParsing.whole("1.9", true));
    assertEquals(OptionalLong.empty(), TextParsing.whole("1.9", false));
    assertEquals(OptionalLong.empty(), TextParsing.whole("99999999999999999999", true));
  }

  private static OptionalLong days(String date) {
    return OptionalLong.of(LocalDate.parse(date).toEpochDay());
  }

  private static OptionalLong micros(String instant) {
    return OptionalLong.of(Dates.micros(Instant.parse(instant)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"23:59", "T1:2:3.5", " 7:00:00 ", "T12", "10:00:00 Europe/Berlin"})
  void timeOfDay_isToldFromWhatIsNoTimeStamp(String text) {
    assertTrue(TextParsing.timestamp(text, ZoneOffset.UTC).isEmpty());
    assertTrue(TextParsing.isTimeOfDay(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "T", "24:00", "12", "noon", "1:2:3:4", "2001-01-01", "12:61"})
  void otherText_isNoTimeOfDay(String text) {
    assertFalse(TextParsing.isTimeOfDay(text));
  }
}
