package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreResultTest {
  private static final long OTHER = 0xfff8000000000123L;
  private static final int OTHER_SINGLE = 0xffc00123;

  private static Column in(FieldType type, Column column) {
    List<OutputField> fields = List.of(new OutputField("y", type, OutputKind.OTHER, null));
    return new ScoreResult(column.rows(), fields, List.of(column), List.of()).columns().get(0);
  }

  @Test
  void doubles_anyNan_areJavasOwn() {
    double[] given = {1.5, Double.longBitsToDouble(OTHER), -0.0, Double.NEGATIVE_INFINITY};

    Column.Doubles found =
        (Column.Doubles) in(FieldType.DOUBLE, new Column.Doubles(given, new boolean[4]));

    assertEquals(0x7ff8000000000000L, Double.doubleToRawLongBits(found.values()[1]));
    assertEquals(OTHER, Double.doubleToRawLongBits(given[1]), "a column's array is shared");
    for (int row : new int[] {0, 2, 3}) {
      assertEquals(
          Double.doubleToRawLongBits(given[row]), Double.doubleToRawLongBits(found.values()[row]));
    }
  }

  @Test
  void floats_anyNan_areJavasOwn() {
    float[] given = {Float.intBitsToFloat(OTHER_SINGLE), -0.0f};

    Column.Floats found =
        (Column.Floats) in(FieldType.FLOAT, new Column.Floats(given, new boolean[2]));

    assertEquals(0x7fc00000, Float.floatToRawIntBits(found.values()[0]));
    assertEquals(0x80000000, Float.floatToRawIntBits(found.values()[1]));
  }

  @Test
  void columns_withoutOtherNan_areThoseGiven() {
    Column given = new Column.Doubles(new double[] {Double.NaN, 2}, new boolean[2]);

    assertSame(given, in(FieldType.DOUBLE, given));
  }
}
