package org.pillion.server.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.scoring.InvalidInput;

final class MissingRowsTest {
  @Test
  void parse_singleRowsAndRanges_areMarked() {
    assertArrayEquals(
        new boolean[] {true, false, true, true, true, false}, MissingRows.parse("a", "0,2-4", 6));
    assertNull(MissingRows.text(new boolean[3]));
    assertEquals("0-2", MissingRows.text(new boolean[] {true, true, true}));
  }

  @Test
  void parse_whatWasWritten_isTheSame() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      boolean[] missing = new boolean[random.nextInt(70)];
      for (int row = 0; row < missing.length; row++) {
        missing[row] = random.nextInt(3) > 0;
      }
      assertArrayEquals(missing, MissingRows.parse("a", MissingRows.text(missing), missing.length));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6",
        "x",
        "-1",
        "1-",
        "-",
        ",",
        "1,",
        "2,1",
        "1,1",
        "3-2",
        "0-6",
        " 1",
        "1 ",
        "99999999999",
        "0-99999999999",
        "٣"
      })
  void parse_whatIsNoListOfRows_isRefusedByName(String text) {
    InvalidInput refused =
        assertThrows(InvalidInput.class, () -> MissingRows.parse("age", text, 6));

    assertEquals("age", refused.field());
    assertTrue(refused.getMessage().startsWith("the input 'age' has '"), refused.getMessage());
  }
}
