package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ColumnBuilderTest {
  private static final String FIELD = "hour";

  @ParameterizedTest
  @EnumSource
  void build_moreRowsThanTheCapacity_keepsThemAll(FieldType type) {
    List<Object> values = IntStream.range(0, 100).mapToObj(row -> value(type, row)).toList();
    ColumnBuilder builder = new ColumnBuilder(FIELD, type, 1);
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

  @Test
  void add_wholeNumberToDoubles_isWidened() {
    ColumnBuilder builder = new ColumnBuilder(FIELD, FieldType.DOUBLE);

    builder.add(21);

    assertEquals(21.0, builder.build().value(0));
  }

  @ParameterizedTest
  @EnumSource
  void add_nullText_isRefused(FieldType type) {
    requireRefused(type, builder -> builder.add((String) null));
  }

  @Property
  void add_anyValue_isKeptExactlyOrRefused(
      @ForAll FieldType type, @ForAll("values") Object value, @ForAll boolean boxed) {
    Object expected = exact(type, value);
    if (expected == null) {
      requireRefused(type, builder -> add(builder, value, boxed));
      return;
    }
    ColumnBuilder builder = new ColumnBuilder(FIELD, type);
    builder.addMissing();

    add(builder, value, boxed);

    assertEquals(2, builder.rows());
    assertEquals(expected, builder.build().value(1));
  }

  private static final class Counted implements MemoryBudget {
    private long now;
    private long most;

    @Override
    public void take(long bytes) {
      now += bytes;
      most = Math.max(most, now);
      if (now > 10_000) {
        throw new IllegalStateException("more than 10000 bytes");
      }
    }

    @Override
    public void giveBack(long bytes) {
      now -= bytes;
    }
  }

  @ParameterizedTest
  @EnumSource
  void build_asksForWhatTheColumnTakesAndGivesTheRestBack(FieldType type) {
    Counted memory = new Counted();
    ColumnBuilder builder = new ColumnBuilder(FIELD, type, 1, memory);
    for (int row = 0; row < 100; row++) {
      builder.addMissing();
    }
    assertEquals(256 + 128L * type.rowBytes(), memory.now);

    builder.build();

    assertEquals(256 + 100L * type.rowBytes(), memory.now);
    assertEquals(256 + (100L + 128) * type.rowBytes(), memory.most);
  }

  @Test
  void add_whatTheBudgetRefuses_addsNothing() {
    ColumnBuilder builder = new ColumnBuilder(FIELD, FieldType.STRING, 1, new Counted());
    builder.add("short");

    assertThrows(IllegalStateException.class, () -> builder.add("x".repeat(10_000)));

    assertEquals(1, builder.rows());
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void addAll_isAddForEach(FieldType type) {
    double[] numbers = {1.5, Double.NaN, -0.0, 3};
    ColumnBuilder one = new ColumnBuilder(FIELD, type, 1);
    ColumnBuilder all = new ColumnBuilder(FIELD, type, 1);
    one.addMissing();
    all.addMissing();
    for (double number : numbers) {
      one.add(number);
      all.addAll(DoubleBuffer.wrap(new double[] {number}));
    }
    one.add(7L);
    all.addAll(LongBuffer.wrap(new long[] {7}));
    one.add(0.5f);
    all.addAll(FloatBuffer.wrap(new float[] {0.5f}));
    all.addAll(DoubleBuffer.wrap(numbers));
    for (double number : numbers) {
      one.add(number);
    }

    assertEquals(values(one.build()), values(all.build()));
  }

  @Test
  void addAll_whatTheTypeLacks_isRefusedAfterTheRowsBefore() {
    ColumnBuilder builder = new ColumnBuilder(FIELD, FieldType.FLOAT, 1);
    DoubleBuffer numbers = DoubleBuffer.wrap(new double[] {0.5, 0.1, 0.25});

    assertThrows(InvalidInput.class, () -> builder.addAll(numbers));

    assertEquals(1, builder.rows());
    assertEquals(2, numbers.position());
  }

  @Test
  void addAll_inManyParts_doublesItsRoom() {
    Counted memory = new Counted();
    ColumnBuilder builder = new ColumnBuilder(FIELD, FieldType.DOUBLE, 1, memory);
    long before = memory.now;
    for (int part = 0; part < 100; part++) {
      builder.addAll(DoubleBuffer.wrap(new double[1]));
    }

    assertEquals(127L * FieldType.DOUBLE.rowBytes(), memory.now - before);
  }

  private static List<Object> values(Column column) {
    return IntStream.range(0, column.rows()).mapToObj(column::value).toList();
  }

  @Test
  void build_whatIsAddedLaterDoesNotChangeTheColumn() {
    ColumnBuilder builder = new ColumnBuilder(FIELD, FieldType.INTEGER, 1);
    Column none = builder.build();
    builder.add(1);
    Column one = builder.build();
    builder.add(2);

    assertEquals(0, none.rows());
    assertEquals(1, one.rows());
    assertEquals(2, builder.build().rows());
  }

  private interface Addition {
    void to(ColumnBuilder builder);
  }

  private static void requireRefused(FieldType type, Addition addition) {
    ColumnBuilder builder = new ColumnBuilder(FIELD, type, 1);
    builder.addMissing();

    InvalidInput refused = assertThrows(InvalidInput.class, () -> addition.to(builder));

    assertEquals(FIELD, refused.field());
    String start = "the field 'hour', row 1: ";
    assertEquals(start, refused.getMessage().substring(0, start.length()));
    assertEquals(1, builder.rows());
    assertEquals(1, builder.build().rows());
  }

  private static void add(ColumnBuilder builder, Object value, boolean boxed) {
    if (boxed) {
      builder.addBoxed(value);
    } else if (value instanceof Boolean flag) {
      builder.add((boolean) flag);
    } else if (value instanceof Integer number) {
      builder.add((int) number);
    } else if (value instanceof Long number) {
      builder.add((long) number);
    } else if (value instanceof Float number) {
      builder.add((float) number);
    } else if (value instanceof Double number) {
      builder.add((double) number);
    } else if (value instanceof String text) {
      builder.add(text);
    } else {
      builder.addBoxed(value);
    }
  }

  @Provide
  Arbitrary<Object> values() {
    Arbitrary<Float> floats =
        Arbitraries.oneOf(
            Arbitraries.floats(),
            Arbitraries.of(Float.NaN, Float.POSITIVE_INFINITY, -0.0f, 0x1p63f, Float.MIN_VALUE));
    Arbitrary<Double> doubles =
        Arbitraries.oneOf(
            Arbitraries.doubles(),
            floats.map(Float::doubleValue),
            Arbitraries.of(Double.NaN, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE, 1e39));
    Arbitrary<Long> longs =
        Arbitraries.oneOf(
            Arbitraries.longs(),
            Arbitraries.of(1L << 24, (1L << 24) + 1, 1L << 53, (1L << 53) + 1, 1L << 62));
    return Arbitraries.oneOf(
        longs.asGeneric(),
        doubles.asGeneric(),
        floats.asGeneric(),
        Arbitraries.integers().asGeneric(),
        Arbitraries.shorts().asGeneric(),
        Arbitraries.bytes().asGeneric(),
        Arbitraries.of(true, false).asGeneric(),
        Arbitraries.strings().ofMaxLength(3).asGeneric(),
        Arbitraries.of('a', BigDecimal.ONE, List.of()).asGeneric());
  }

  /** The value as a column of a type holds it exactly, or null where there is no such value. */
  private static Object exact(FieldType type, Object value) {
    boolean whole =
        value instanceof Long
            || value instanceof Integer
            || value instanceof Short
            || value instanceof Byte;
    boolean number = whole || value instanceof Float || value instanceof Double;
    return switch (type) {
      case STRING -> value instanceof String ? value : null;
      case BOOLEAN -> value instanceof Boolean ? value : null;
      case INTEGER -> whole ? (Object) ((Number) value).longValue() : null;
      case FLOAT -> number ? same(value, ((Number) value).floatValue()) : null;
      case DOUBLE -> number ? same(value, ((Number) value).doubleValue()) : null;
    };
  }

  private static Object same(Object given, Number converted) {
    double number = converted.doubleValue();
    if (given instanceof Float || given instanceof Double) {
      return Double.compare(((Number) given).doubleValue(), number) == 0 ? converted : null;
    }
    return new BigDecimal(given.toString()).compareTo(new BigDecimal(number)) == 0
        ? converted
        : null;
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
