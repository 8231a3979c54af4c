package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class BatchCodecTest {
  @Property(tries = 300)
  void read_whatWasWritten_isTheSameBatch(@ForAll("batches") ColumnBatch batch) {
    ColumnBatch read = BatchCodec.read(BatchCodec.write(batch), batch.contract());

    assertEquals(batch.rows(), read.rows());
    assertEquals(values(batch.columns()), values(read.columns()));
  }

  @Property(tries = 300)
  void read_anyPrefix_isInvalidInput(
      @ForAll("batches") ColumnBatch batch, @ForAll @IntRange(max = 10_000) int cut) {
    byte[] packed = BatchCodec.write(batch);
    byte[] prefix = Arrays.copyOf(packed, cut % packed.length);

    assertThrows(InvalidInput.class, () -> BatchCodec.read(prefix, batch.contract()));
  }

  @Property(tries = 300)
  void read_oneDamagedByte_isReadOrInvalidInput(
      @ForAll("batches") ColumnBatch batch,
      @ForAll @IntRange(max = 10_000) int at,
      @ForAll byte damage) {
    byte[] packed = BatchCodec.write(batch);
    packed[at % packed.length] = damage;

    try {
      BatchCodec.read(packed, batch.contract());
    } catch (InvalidInput expected) {
      assertEquals("invalid_input", expected.code());
    }
  }

  @Property(tries = 200)
  void write_result_hasItsColumnsAndErrors(@ForAll("batches") ColumnBatch batch) {
    List<OutputField> fields =
        batch.contract().inputs().stream()
            .map(field -> new OutputField(field.name(), field.type(), OutputKind.OTHER, null))
            .toList();
    List<RowError> errors =
        List.of(new RowError(0, "f\u00e9", "\ud83d\ude00", "no"), new RowError(1, null, null, "x"));
    ScoreResult result = new ScoreResult(batch.rows(), fields, batch.columns(), errors);

    BatchDecoder in = new BatchDecoder(BatchCodec.write(result));

    assertEquals(result.rows(), in.count("rows"));
    assertEquals(fields.size(), in.count("columns"));
    List<Column> columns = new ArrayList<>();
    for (OutputField field : fields) {
      assertEquals(field.name(), in.text("name"));
      columns.add(in.column(field.name(), result.rows()));
    }
    assertEquals(values(result.columns()), values(columns));
    assertEquals(errors.size(), in.count("errors"));
    for (RowError error : errors) {
      assertEquals(error.row(), in.count("row"));
      assertEquals(error.field() == null ? "" : error.field(), in.text("field"));
      assertEquals(error.value() == null ? "" : error.value(), in.text("value"));
      assertEquals(error.message(), in.text("message"));
    }
    in.end();
  }

  @Test
  void read_forgedRowCount_isInvalidInputWithoutAllocating() {
    FeatureContract contract =
        new FeatureContract(
            List.of(InputField.of("x", FieldType.DOUBLE, OperationalType.CONTINUOUS)), List.of());
    byte[] packed =
        BatchCodec.write(
            ColumnBatch.builder(contract, 1)
                .add("x", new Column.Doubles(new double[1], new boolean[1]))
                .build());
    packed[3] = 0x7f;

    InvalidInput error = assertThrows(InvalidInput.class, () -> BatchCodec.read(packed, contract));

    assertEquals(
        "packed batch: the column 'x' needs 2130706433 bytes, but 9 are left", error.getMessage());
  }

  @Test
  void read_trailingBytes_isInvalidInput() {
    FeatureContract contract = new FeatureContract(List.of(), List.of());

    assertThrows(InvalidInput.class, () -> BatchCodec.read(new byte[9], contract));
  }

  @Provide
  Arbitrary<ColumnBatch> batches() {
    Arbitrary<List<FieldType>> types =
        Arbitraries.of(FieldType.values()).list().ofMinSize(1).ofMaxSize(6);
    return Arbitraries.integers()
        .between(0, 40)
        .flatMap(rows -> types.flatMap(columnTypes -> batch(rows, columnTypes)));
  }

  private static Arbitrary<ColumnBatch> batch(int rows, List<FieldType> types) {
    List<InputField> fields = new ArrayList<>();
    List<Arbitrary<List<Object>>> columns = new ArrayList<>();
    for (FieldType type : types) {
      String name = "field \u00e9 " + fields.size();
      fields.add(InputField.of(name, type, OperationalType.CATEGORICAL));
      columns.add(value(type).injectNull(0.2).list().ofSize(rows));
    }
    FeatureContract contract = new FeatureContract(fields, List.of());
    return Combinators.combine(columns)
        .as(
            drawn -> {
              ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
              for (int i = 0; i < fields.size(); i++) {
                ColumnBuilder column = new ColumnBuilder(fields.get(i).name(), types.get(i));
                drawn.get(i).forEach(column::addBoxed);
                batch.add(fields.get(i).name(), column.build());
              }
              return batch.build();
            });
  }

  private static Arbitrary<Object> value(FieldType type) {
    return switch (type) {
      case BOOLEAN -> Arbitraries.of(true, false).asGeneric();
      case INTEGER -> Arbitraries.longs().asGeneric();
      case FLOAT ->
          Arbitraries.oneOf(
                  Arbitraries.floats(),
                  Arbitraries.of(Float.NaN, -0f, Float.NEGATIVE_INFINITY, Float.MIN_VALUE))
              .asGeneric();
      case DOUBLE ->
          Arbitraries.oneOf(
                  Arbitraries.doubles(),
                  Arbitraries.of(Double.NaN, -0.0, Double.POSITIVE_INFINITY, Double.MIN_VALUE))
              .asGeneric();
      case STRING -> Arbitraries.strings().excludeChars(surrogates()).ofMaxLength(8).asGeneric();
    };
  }

  /** Half a surrogate pair has no UTF-8 form. */
  private static char[] surrogates() {
    char[] halves = new char[Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = (char) (Character.MIN_SURROGATE + i);
    }
    return halves;
  }

  private static List<List<Object>> values(List<Column> columns) {
    List<List<Object>> values = new ArrayList<>();
    for (Column column : columns) {
      List<Object> rows = new ArrayList<>();
      for (int row = 0; row < column.rows(); row++) {
        rows.add(column.value(row));
      }
      values.add(rows);
    }
    return values;
  }
}
