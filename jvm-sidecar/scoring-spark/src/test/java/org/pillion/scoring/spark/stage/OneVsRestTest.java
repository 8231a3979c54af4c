package org.pillion.scoring.spark.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.column.VectorColumn;

final class OneVsRestTest {
  /** Rows: ordinary, all NaN, the first NaN, the second NaN, all −∞. */
  @ParameterizedTest
  @CsvSource({"'', 1 -1 1 0 -1", "starts-with-first=\"true\", 1 0 0 0 0"})
  void aNumberThatIsNoneAboveInfinity_isTheLargest_onlyAsTheFirstInPlansOfSpark40(
      String attribute, String labels) {
    String stage =
        "<oneVsRest prediction=\"label\" %s><column in=\"a\"/><column in=\"b\"/></oneVsRest>"
            .formatted(attribute);
    double nan = Double.NaN;
    double least = Double.NEGATIVE_INFINITY;
    VectorColumn a = seconds(0.25, nan, nan, 0.25, least);
    VectorColumn b = seconds(0.5, nan, 0.5, nan, least);
    Values made = StageRun.of(stage, 2, Map.of("a", a, "b", b), "label");

    double[] expected = List.of(labels.split(" ")).stream().mapToDouble(Double::valueOf).toArray();
    assertArrayEquals(expected, ((DoubleColumn) made).values());
  }

  /** Raw predictions of two classes, of which the second counts. */
  private static VectorColumn seconds(double... values) {
    double[] both = new double[2 * values.length];
    for (int row = 0; row < values.length; row++) {
      both[2 * row + 1] = values[row];
    }
    return VectorColumn.ofDense(values.length, 2, both, null);
  }
}
