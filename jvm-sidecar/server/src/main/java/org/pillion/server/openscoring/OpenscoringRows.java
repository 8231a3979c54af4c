package org.pillion.server.openscoring;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.text.NumberText;
import org.pillion.server.text.Truncated;

/**
 * Builds a batch of loosely typed arguments: absent values are missing, strings are read as
 * numbers.
 */
final class OpenscoringRows {
  private static final int MOST_DIGITS = 64;

  private OpenscoringRows() {}

  /**
   * The batch; arguments that are no input of the model are ignored beside some that are.
   *
   * @throws InvalidInput naming row, field and value, or when no argument is an input
   */
  static ColumnBatch batch(FeatureContract contract, List<Map<String, Object>> rows) {
    requireInputs(contract.inputPositions().keySet(), rows);
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows.size());
    for (InputField input : contract.inputs()) {
      ColumnBuilder column = new ColumnBuilder(input.name(), input.type(), rows.size());
      for (int row = 0; row < rows.size(); row++) {
        Object value = rows.get(row).get(input.name());
        column.addBoxed(value == null ? null : converted(value, input, row));
      }
      batch.add(input.name(), column.build());
    }
    return batch.build();
  }

  private static void requireInputs(Set<String> inputs, List<Map<String, Object>> rows) {
    for (int row = 0; row < rows.size(); row++) {
      Set<String> names = rows.get(row).keySet();
      if (!names.isEmpty() && !inputs.isEmpty() && Collections.disjoint(names, inputs)) {
        throw new InvalidInput(
            "row %d: no argument is an input of the model, for example '%s'"
                .formatted(row, Truncated.of(names.iterator().next())));
      }
    }
  }

  /**
   * A value as its field's type has it.
   *
   * @throws InvalidInput naming row, field and value
   */
  static Object converted(Object value, InputField input, int row) {
    try {
      Object converted = converted(value, input.type());
      if (converted != null) {
        return converted;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Reported below, together with values of the wrong kind.
    }
    throw new InvalidInput(
        input.name(),
        "the argument '%s', row %d: %s is not a value of type %s"
            .formatted(input.name(), row, Truncated.of(value.toString()), input.type().text()));
  }

  private static Object converted(Object value, FieldType type) {
    return switch (type) {
      case STRING -> value instanceof String ? value : value.toString();
      case BOOLEAN -> flag(value);
      case INTEGER -> whole(value);
      case DOUBLE -> number(value);
      case FLOAT -> single(value);
    };
  }

  private static Boolean flag(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    return switch (value.toString()) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default -> null;
    };
  }

  private static Long whole(Object value) {
    if (value instanceof Long whole) {
      return whole;
    }
    if (value instanceof String text && text.length() <= MOST_DIGITS) {
      // A table with missing cells spells whole numbers as 21.0.
      return new BigDecimal(text.strip()).longValueExact();
    }
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return number.longValue();
    }
    return null;
  }

  private static Double number(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    return value instanceof String text ? NumberText.parse(text.strip()) : null;
  }

  private static Float single(Object value) {
    if (value instanceof String text) {
      return NumberText.parseFloat(text.strip());
    }
    Double number = number(value);
    boolean overflows =
        number != null && Double.isFinite(number) && !Float.isFinite(number.floatValue());
    return number == null || overflows ? null : Float.valueOf(number.floatValue());
  }
}
