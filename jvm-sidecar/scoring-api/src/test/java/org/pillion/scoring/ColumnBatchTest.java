package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class ColumnBatchTest {
  private static final FeatureContract CONTRACT =
      new FeatureContract(
          List.of(
              InputField.of("age", FieldType.DOUBLE, OperationalType.CONTINUOUS),
              InputField.of("visits", FieldType.INTEGER, OperationalType.CONTINUOUS)),
          List.of());
  private static final Column AGE = new Column.Doubles(new double[2], new boolean[2]);
  private static final Column VISITS = new Column.Longs(new long[2], new boolean[2]);

  @Test
  void build_columnsInAnyOrder_areInTheContractsOrder() {
    ColumnBatch batch =
        ColumnBatch.builder(CONTRACT, 2).add("visits", VISITS).add("age", AGE).build();

    assertEquals(List.of(AGE, VISITS), batch.columns());
  }

  @Test
  void build_absentColumns_areNamed() {
    assertMessage(
        "the field 'visits' must be given",
        () -> ColumnBatch.builder(CONTRACT, 2).add("age", AGE).build());
    assertMessage(
        "the fields 'age', 'visits' must be given", () -> ColumnBatch.builder(CONTRACT, 2).build());
  }

  @Test
  void add_unknownColumn_isNamed() {
    assertMessage(
        "the field 'height' is not an input of the model",
        () -> ColumnBatch.builder(CONTRACT, 2).add("height", AGE));
  }

  @Test
  void add_twice_isNamed() {
    assertMessage(
        "the field 'age' is given twice",
        () -> ColumnBatch.builder(CONTRACT, 2).add("age", AGE).add("age", AGE));
  }

  @Test
  void add_wrongType_namesBothTypes() {
    assertMessage(
        "the field 'age' is of type double, but integer was given",
        () -> ColumnBatch.builder(CONTRACT, 2).add("age", VISITS));
  }

  @Test
  void add_wrongLength_namesBothLengths() {
    assertMessage(
        "the field 'age' has 2 values, but the batch has 3 rows",
        () -> ColumnBatch.builder(CONTRACT, 3).add("age", AGE));
  }

  @Test
  void builder_negativeRows_isRefused() {
    assertMessage("the number of rows is negative: -1", () -> ColumnBatch.builder(CONTRACT, -1));
  }

  private static void assertMessage(String message, Executable call) {
    assertEquals(message, assertThrows(InvalidInput.class, call).getMessage());
  }
}
