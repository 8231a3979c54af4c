package org.pillion.scoring.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.StringArrayColumn;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.PlanReader;

final class TextFormTest {
  private final List<Integer> unfit = new ArrayList<>();

  private static TextForm form(String attributes) {
    Element plan =
        PlanReader.read(
            "2",
            "<plan xmlns=\"urn:pillion:spark-plan\"><input name=\"x\" " + attributes + "/></plan>",
            DocumentLimits.DEFAULT);
    return TextForm.of(plan.children("input").get(0));
  }

  private Values read(String attributes, String... texts) {
    boolean[] missing = new boolean[texts.length];
    for (int row = 0; row < texts.length; row++) {
      missing[row] = texts[row] == null;
    }
    return form(attributes).reader().read(StringColumn.of(texts, missing), unfit::add);
  }

  @ParameterizedTest
  @CsvSource({"1970-01-01, 0", "1969-12-31, -1", "2000-02-29, 11016", "0001-01-01, -719162"})
  void date_ofTheForm_isItsDay(String text, long day) {
    LongColumn read = (LongColumn) read("type=\"date\"", text);

    assertEquals(day, read.values()[0]);
    assertEquals(List.of(), unfit);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2001-02-29", "0000-01-01", "2001-1-1", "20010101", "2001-01-01 "})
  void date_ofAnotherForm_isUnfit(String text) {
    assertTrue(read("type=\"date\"", text).isNull(0));
    assertEquals(List.of(0), unfit);
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 0",
    "1969-12-31T23:59:59.999999Z, -1",
    "1970-01-01 02:00:00.5+02:00, 500000",
    "9999-12-31T23:59:59.999999Z, 253402300799999999"
  })
  void timestamp_ofTheForm_isItsMicrosecond(String text, long micros) {
    LongColumn read = (LongColumn) read("type=\"timestamp\"", text);

    assertEquals(micros, read.values()[0]);
    assertEquals(List.of(), unfit);
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00, 0",
    "1970-01-01T00:00:00Z, 0",
    "1969-12-31 23:59:59.999999, -1",
    "9999-12-31T23:59:59.999999Z, 253402300799999999"
  })
  void timestampNtz_ofTheForm_isItsMicrosecondInUtc(String text, long micros) {
    LongColumn read = (LongColumn) read("type=\"timestamp_ntz\"", text);

    assertEquals(micros, read.values()[0]);
    assertEquals(List.of(), unfit);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1970-01-01", "1970-01-01T02:00:00+02:00", "1970-01-01T00:00:00ZZ", "", "Z"})
  void timestampNtz_ofAnotherForm_isUnfit(String text) {
    assertTrue(read("type=\"timestamp_ntz\"", text).isNull(0));
    assertEquals(List.of(0), unfit);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00",
        "1970-01-01",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:00:00.1234567Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00"
      })
  void timestamp_ofAnotherForm_isUnfit(String text) {
    assertTrue(read("type=\"timestamp\"", text).isNull(0));
    assertEquals(List.of(0), unfit);
  }

  @Test
  void decimal_ofTheDigits_getsItsScale() {
    String type = "type=\"decimal\" precision=\"4\" scale=\"2\"";

    DecimalColumn read =
        (DecimalColumn) read(type, "1.5", "-99.990", "100", "0.001", "1e1", null, "+7");

    assertEquals(new BigDecimal("1.50"), read.values()[0]);
    assertEquals(new BigDecimal("-99.99"), read.values()[1]);
    assertEquals(new BigDecimal("7.00"), read.values()[6]);
    assertEquals(List.of(2, 3, 4), unfit);
    assertTrue(read.isNull(5));
    assertEquals("decimal(4,2)", form(type).format());
  }

  @Test
  void strings_ofTheForm_areItsElements() {
    StringArrayColumn read =
        (StringArrayColumn)
            read("type=\"strings\"", "[]", "[\"a\", null,\"\\u2603\\n\"]", null, " [ \"b\" ] ");

    assertEquals(0, read.length(0));
    assertArrayEquals(new String[] {"a", "☃\n", "b"}, read.dictionary());
    assertEquals(3, read.length(1));
    assertTrue(read.isNull(2));
    assertFalse(read.isNull(3));
    assertEquals(List.of(), unfit);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "[",
        "[1]",
        "[\"a\"",
        "[\"a\",]",
        "[\"a\"] b",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[\"\t\"]",
        "[\"a\" \"b\"]",
        "{}",
        "null"
      })
  void strings_ofAnotherForm_areUnfit(String text) {
    assertTrue(read("type=\"strings\"", text).isNull(0));
    assertEquals(List.of(0), unfit);
  }
}
