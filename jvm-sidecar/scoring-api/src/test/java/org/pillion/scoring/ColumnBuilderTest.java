package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ColumnBuilderTest {
  @ParameterizedTest
  @EnumSource
  void build_moreRowsThanTheCapacity_keepsThemAll(FieldType type) {
    List<Object> values = IntStream.range(0, 100).mapToObj(row -> value(type, row)).toList();
    ColumnBuilder builder = new ColumnBuilder(type, 1);
    for (Object value : values) {
      builder.addBoxed(value);
      builder.addMissing();
    }

    Column column = builder.build();

    assertEquals(200, column.rows());
    for (int row = 0; row < 100; row++) {
      assertEquals(values.get(row), column.value(2 * row));
      assertEquals(null, column.value(2 * row + 1));
    }
  }

  private static Object value(FieldType type, int row) {
    return switch (type) {
      case STRING -> "text " + row;
      case INTEGER -> (long) row;
      case FLOAT -> (float) row;
      case DOUBLE -> (double) row;
      case BOOLEAN -> row % 3 == 0;
    };
  }
}
