package org.pillion.recommender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pillion.ranker.InvalidRequest;
import org.pillion.scoring.FieldType;

final class OnlineFieldsTest {
  /** Tuesday, 14 November 2023, 22:13:20 UTC. */
  private static final double NOW = 1_700_000_000;

  private final OnlineFields fields =
      new OnlineFields(
          List.of(
              OnlineField.of("hour", OnlineField.Derive.HOUR, ZoneId.of("UTC")),
              OnlineField.of("weekday", OnlineField.Derive.WEEKDAY, ZoneId.of("Asia/Tokyo")),
              OnlineField.of("device", FieldType.STRING)));

  @Test
  void read_nothingSaid_derivesFromTheTimeInTheFieldsZone() {
    Map<String, Object> values = fields.read(Map.of(), NOW);

    assertEquals(22L, values.get("hour"));
    assertEquals(2L, values.get("weekday"), "it is Wednesday in Tokyo");
    assertNull(values.get("device"));
  }

  @Test
  void read_timestampSaid_isTheTime() {
    assertEquals(1L, fields.read(Map.of("timestamp", 3_600.5), NOW).get("hour"));
  }

  @Test
  void read_fieldSaid_isTaken() {
    assertEquals(9L, fields.read(Map.of("hour", 9), NOW).get("hour"));
  }

  @Test
  void read_bad_namesTheFieldAndWhatItMustBe() {
    Map<String, Object> nothing = new HashMap<>();
    nothing.put("device", null);
    assertNull(fields.read(nothing, NOW).get("device"));
    for (List<Object> bad :
        Arrays.<List<Object>>asList(
            List.of("hour", 24, "the field 'hour' must be a whole number from 0.0 to 23.0"),
            List.of("hour", 1.5, "the field 'hour' must be a whole number from 0.0 to 23.0"),
            List.of("device", 7, "the field 'device' must be text of at most 200 characters"),
            List.of(
                "device",
                "a".repeat(201),
                "the field 'device' must be text of at most 200 characters"),
            List.of(
                "colour",
                "red",
                "a request has no field 'colour'; known are hour, weekday, device, timestamp"))) {
      String name = (String) bad.get(0);

      InvalidRequest error =
          assertThrows(InvalidRequest.class, () -> fields.read(Map.of(name, bad.get(1)), NOW));

      assertEquals(bad.get(2), error.getMessage());
      assertEquals(name, error.field());
    }
  }
}
