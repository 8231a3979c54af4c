package org.pillion.scoring.spark.booster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers that glibc 2.36 gave on x86-64 with fused multiplication. */
class DoubleMathTest {
  private static final int COUNT = 1_755_000;

  @Test
  void exp_givesTheBitsOfTheCLibrary() {
    ByteBuffer numbers = ByteBuffer.allocate(COUNT * Double.BYTES);
    for (int i = 0; i < COUNT; i++) {
      numbers.putDouble(DoubleMath.exp((i - 900_000) / 1200.0));
    }
    CRC32 crc = new CRC32();
    crc.update(numbers.flip());

    assertEquals(2718725479L, crc.getValue());
  }

  @ParameterizedTest
  @CsvSource({
    "0.0, 1.0",
    "-0.0, 1.0",
    "1e-300, 1.0",
    "Infinity, Infinity",
    "-Infinity, 0.0",
    "NaN, NaN",
    "1e308, Infinity",
    "-1e308, 0.0",
    "709.782712893384, 1.7976931348622732E308",
    "709.782712893385, Infinity",
    "-745.1332191019411, 4.9E-324",
    "-745.1332191019412, 0.0"
  })
  void exp_hasTheEdgesOfTheCLibrary(double x, double expected) {
    assertEquals(expected, DoubleMath.exp(x));
  }
}
