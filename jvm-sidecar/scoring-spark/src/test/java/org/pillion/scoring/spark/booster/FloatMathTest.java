package org.pillion.scoring.spark.booster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checksums of floats that glibc 2.36, NumPy 2.4 and SciPy 1.17 gave on x86-64 with AVX-512. */
class FloatMathTest {
  private static final int COUNT = 1_650_000;
  private static final int ROWS = 50;

  /** Takes a float to another one. */
  private interface Function {
    float apply(float x);
  }

  @Test
  void exp_givesTheBitsOfTheCLibrary() {
    assertEquals(2410468325L, checksum(FloatMath::exp));
  }

  @Test
  void expit_givesTheBitsOfSciPy() {
    assertEquals(4264493745L, checksum(FloatMath::expit));
  }

  @Test
  void numpyExp_givesTheBitsOfNumPy() {
    assertEquals(1009559792L, checksum(FloatMath::numpyExp));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 868263958",
    "3, 4287426633",
    "7, 443934823",
    "8, 1981213143",
    "9, 1014755271",
    "16, 2920291976",
    "100, 2120249902",
    "129, 3494906423",
    "300, 2177735401"
  })
  void softmax_givesTheBitsOfSciPy(int classes, long checksum) {
    ByteBuffer floats = ByteBuffer.allocate(ROWS * classes * Float.BYTES);
    for (int row = 0; row < ROWS; row++) {
      double[] margins = new double[classes];
      for (int i = 0; i < classes; i++) {
        margins[i] = ((i * 37 + row * 101) % 997 - 500) / 64.0;
      }
      FloatMath.softmax(margins, 0, classes);
      for (double share : margins) {
        floats.putFloat((float) share);
      }
    }

    assertEquals(checksum, checksum(floats));
  }

  /** Of its values from −109.9 to 91.6 in steps of 1/8192. */
  private static long checksum(Function function) {
    ByteBuffer floats = ByteBuffer.allocate(COUNT * Float.BYTES);
    for (int i = 0; i < COUNT; i++) {
      floats.putFloat(function.apply((i - 900_000) / 8192.0f));
    }
    return checksum(floats);
  }

  private static long checksum(ByteBuffer floats) {
    CRC32 crc = new CRC32();
    crc.update(floats.flip());
    return crc.getValue();
  }
}
