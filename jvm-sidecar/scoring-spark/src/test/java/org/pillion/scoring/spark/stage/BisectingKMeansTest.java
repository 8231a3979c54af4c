package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.column.VectorColumn;

final class BisectingKMeansTest {
  private static final double[] ROWS = {0.5, -0.5, Double.POSITIVE_INFINITY};

  /** The last row is infinitely far from the right child, and its distance from the left is NaN. */
  @ParameterizedTest
  @CsvSource({"'', 0 1 1", "nan-first=\"true\", 0 1 0"})
  void aDistanceThatIsNaN_isTheLargest_butInPlansOfScala212(String attribute, String clusters) {
    String stage =
        "<bisectingKMeans features=\"x\" prediction=\"at\" distance=\"euclidean\" %s>%s%s%s</bisectingKMeans>"
            .formatted(
                attribute,
                centre(0, "left=\"1\" right=\"2\""),
                centre(1, "cluster=\"0\""),
                centre(-1, "cluster=\"1\""));
    VectorColumn x = VectorColumn.ofDense(ROWS.length, 1, ROWS, null);
    Values made = StageRun.of(stage, 1, Map.of("x", x), "at");

    long[] expected = Stream.of(clusters.split(" ")).mapToLong(Long::valueOf).toArray();
    assertArrayEquals(expected, ((LongColumn) made).values());
  }

  /** A sparse centre, whose distances are computed from norms and a dot product. */
  private static String centre(int value, String attributes) {
    return "<coefficients size=\"1\" %s><indices>0</indices><values>%d.0</values></coefficients>"
        .formatted(attributes, value);
  }
}
