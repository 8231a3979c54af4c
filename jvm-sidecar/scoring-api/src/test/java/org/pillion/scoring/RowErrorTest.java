package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RowErrorTest {
  private static RowError of(String value, String message) {
    return new RowError(0, "color", value, message);
  }

  @Test
  void value_ofAMegabyte_isItsStartAndItsLength() {
    String shortened = of("x".repeat(1 << 20), "no").value();
    assertEquals("x".repeat(64) + "… (1048576 characters)", shortened);
    assertEquals(shortened, RowError.shown("x".repeat(1 << 20)));
  }

  @Test
  void value_ofUsualLength_isWhole() {
    assertEquals("x".repeat(100), of("x".repeat(100), "no").value());
    assertNull(of(null, "no").value());
    assertNull(RowError.shown(null));
  }

  @Test
  void error_madeOfAnother_isTheSame() {
    RowError once = of("x".repeat(Integer.MAX_VALUE / 64), "m".repeat(5_000));
    assertEquals(once, new RowError(once.row(), once.field(), once.value(), once.message()));
    assertTrue(once.message().endsWith("… (5000 characters)"), once::message);
  }

  @Test
  void value_cutAtAPair_keepsNoHalf() {
    String start = of("x".repeat(63) + "😀".repeat(100), "no").value();
    assertEquals("x".repeat(63) + "… (263 characters)", start);
  }
}
