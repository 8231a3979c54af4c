package org.pillion.server.http;

import java.util.List;
import java.util.Map;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.Truncated;

/**
 * Builds a batch of loosely typed arguments: absent values are missing, strings are read as
 * numbers.
 */
final class OpenscoringRows {
  private OpenscoringRows() {}

  /**
   * The batch; arguments that are no input of the model are ignored.
   *
   * @throws InvalidInput naming row, field and value
   */
  static ColumnBatch batch(FeatureContract contract, List<Map<String, Object>> rows) {
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

  private static Object converted(Object value, InputField input, int row) {
    try {
      Object converted = converted(value, input.type());
      if (converted != null) {
        return converted;
      }
    } catch (NumberFormatException e) {
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
      case FLOAT -> {
        Double number = number(value);
        yield number == null ? null : Float.valueOf(number.floatValue());
      }
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
    if (value instanceof String text) {
      return Long.valueOf(text.strip());
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
    return value instanceof String text ? Double.valueOf(text.strip()) : null;
  }
}
