package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidateBatchTest {
  private static final FeatureContract CONTRACT =
      new FeatureContract(
          List.of(
              InputField.of("age", FieldType.DOUBLE, OperationalType.CONTINUOUS),
              InputField.of("device", FieldType.STRING, OperationalType.CATEGORICAL),
              InputField.of("price", FieldType.INTEGER, OperationalType.CONTINUOUS)),
          List.of());

  private static final Column AGE = new Column.Doubles(new double[] {-0.0}, new boolean[1]);
  private static final Column NO_DEVICE =
      new Column.Strings(new String[] {null}, new boolean[] {true});
  private static final Column PRICES =
      new Column.Longs(new long[] {7, 8, 9}, new boolean[] {false, true, false});

  private static CandidateBatch batch() {
    return CandidateBatch.builder(CONTRACT, 3)
        .candidates("price", PRICES)
        .context("age", AGE)
        .context("device", NO_DEVICE)
        .build();
  }

  @Test
  void expand_repeatsTheContextForEveryCandidate() {
    ColumnBatch rows = batch().expand();

    assertEquals(Arrays.asList(-0.0, -0.0, -0.0), values(rows.column(0)));
    assertEquals(Arrays.asList(null, null, null), values(rows.column(1)));
    assertEquals(Arrays.asList(7L, null, 9L), values(rows.column(2)));
  }

  @Test
  void take_isTheFullRowsOfSomeCandidates() {
    ColumnBatch rows = batch().take(new int[] {2, 0, 2});

    assertEquals(Arrays.asList(-0.0, -0.0, -0.0), values(rows.column(0)));
    assertEquals(Arrays.asList(9L, 7L, 9L), values(rows.column(2)));
  }

  @Test
  void slice_isSomeCandidatesWithTheSameContext() {
    CandidateBatch part = batch().slice(1, 3);

    assertEquals(2, part.rows());
    assertTrue(part.isContext(0));
    assertEquals(List.of(-0.0), values(part.column(0)));
    assertEquals(Arrays.asList(null, 9L), values(part.column(2)));
    assertEquals(Arrays.asList(null, 9L), values(part.expand().column(2)));
  }

  @Test
  void builder_whatDoesNotFit_isRefusedByName() {
    CandidateBatch.Builder builder = CandidateBatch.builder(CONTRACT, 3);
    String two =
        assertThrows(InvalidInput.class, () -> builder.context("price", PRICES)).getMessage();
    assertTrue(two.contains("'price' is of the context, so it has 1 value, not 3"), two);
    String one =
        assertThrows(InvalidInput.class, () -> builder.candidates("age", AGE)).getMessage();
    assertTrue(one.contains("'age' has 1 values, but the batch has 3 rows"), one);
    builder.context("age", AGE);
    String twice = assertThrows(InvalidInput.class, () -> builder.context("age", AGE)).getMessage();
    assertTrue(twice.contains("'age' is given twice"), twice);
    String absent = assertThrows(InvalidInput.class, builder::build).getMessage();
    assertTrue(absent.contains("'device', 'price'"), absent);
  }

  private static List<Object> values(Column column) {
    List<Object> values = new ArrayList<>();
    for (int row = 0; row < column.rows(); row++) {
      values.add(column.value(row));
    }
    return values;
  }
}
