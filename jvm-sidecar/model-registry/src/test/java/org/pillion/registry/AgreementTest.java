package org.pillion.registry;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class AgreementTest {
  private static final double THIRD = 1.0 / 3;

  @Test
  void holds_sameBits_always() {
    for (Agreement agreement : Agreement.values()) {
      assertTrue(agreement.holds(THIRD, THIRD));
      assertTrue(agreement.holds(Double.NaN, Double.NaN));
      assertTrue(agreement.holds(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY));
      assertTrue(agreement.holds(null, null));
      assertTrue(agreement.holds("a", "a"));
      assertTrue(agreement.holds(0.1f, 0.1f));
    }
  }

  @Test
  void holds_differentInKind_never() {
    for (Agreement agreement : Agreement.values()) {
      assertFalse(agreement.holds(null, Double.NaN));
      assertFalse(agreement.holds(Double.NaN, null));
      assertFalse(agreement.holds(Double.NaN, 0.0));
      assertFalse(agreement.holds(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
      assertFalse(agreement.holds(Double.MAX_VALUE, Double.POSITIVE_INFINITY));
      assertFalse(agreement.holds("1", "1.0"));
      assertFalse(agreement.holds(1L, 2L));
      assertFalse(agreement.holds(true, false));
    }
  }

  @Test
  void holds_oneUlp_onlyForTheInterpreter() {
    assertFalse(Agreement.EXACT.holds(THIRD, Math.nextUp(THIRD)));
    assertTrue(Agreement.INTERPRETED.holds(THIRD, Math.nextUp(THIRD)));
    assertFalse(Agreement.EXACT.holds(0.0, -0.0));
    assertTrue(Agreement.INTERPRETED.holds(0.0, -0.0));
    assertFalse(Agreement.EXACT.holds(0.1f, Math.nextUp(0.1f)));
    assertTrue(Agreement.INTERPRETED.holds(0.1f, Math.nextUp(0.1f)));
  }

  @Test
  void holds_beyondTheTolerance_neverForTheInterpreter() {
    assertTrue(Agreement.INTERPRETED.holds(1.0, 1.0 + 0.9e-13));
    assertFalse(Agreement.INTERPRETED.holds(1.0, 1.0 + 1.1e-13));
    assertFalse(Agreement.INTERPRETED.holds(1e-300, 1.1e-300));
  }
}
