package org.pillion.server.openscoring;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.NumberText;
import org.pillion.server.text.Truncated;

/**
 * Grows a batch of loosely typed arguments, row by row: absent values are missing, strings are read
 * as numbers.
 */
final class OpenscoringRows {
  private static final int MOST_DIGITS = 64;
  private static final int INITIAL_ROWS = 16;

  private final FeatureContract contract;
  private final Map<String, Integer> positions;
  private final List<ColumnBuilder> columns;
  private final int maxRows;
  private int rows;

  /** The name of an argument of the row that is no input, or null. */
  private String unknown;

  private boolean known;

  /**
   * A batch without rows.
   *
   * @param maxRows most rows that are taken
   * @param memory is asked before the columns grow
   */
  OpenscoringRows(FeatureContract contract, int maxRows, MemoryBudget memory) {
    this.contract = contract;
    this.positions = contract.inputPositions();
    this.columns =
        contract.inputs().stream()
            .map(input -> new ColumnBuilder(input.name(), input.type(), INITIAL_ROWS, memory))
            .toList();
    this.maxRows = maxRows;
  }

  /** Rows that have ended. */
  int rows() {
    return rows;
  }

  /**
   * Adds an argument of the current row; one that is no input is ignored beside some that are.
   *
   * @param value a string, number or flag; null where it is missing
   * @throws InvalidInput naming row, field and value
   */
  void add(String name, Object value) {
    Integer position = positions.get(name);
    if (position == null) {
      unknown = unknown == null ? name : unknown;
    } else {
      add(position, value);
    }
  }

  /** Adds the value of the input at a position of the contract to the current row. */
  void add(int position, Object value) {
    known = true;
    requireRoom();
    InputField input = contract.inputs().get(position);
    columns.get(position).addBoxed(value == null ? null : converted(value, input, rows));
  }

  /**
   * Ends a row, in which inputs without an argument are missing.
   *
   * @throws InvalidInput when it has arguments, and none is an input
   */
  void endRow() {
    requireRoom();
    if (unknown != null && !known && !columns.isEmpty()) {
      throw new InvalidInput(
          "row %d: no argument is an input of the model, for example '%s'"
              .formatted(rows, Truncated.of(unknown)));
    }
    rows++;
    for (ColumnBuilder column : columns) {
      if (column.rows() < rows) {
        column.addMissing();
      }
    }
    unknown = null;
    known = false;
  }

  private void requireRoom() {
    if (rows >= maxRows) {
      throw new RequestException(
          RequestException.Kind.TOO_LARGE,
          "there are more rows than the %d allowed; see --max-rows".formatted(maxRows));
    }
  }

  /** The batch of the rows that have ended. */
  ColumnBatch batch() {
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    for (int i = 0; i < columns.size(); i++) {
      batch.add(contract.inputs().get(i).name(), columns.get(i).build());
    }
    return batch.build();
  }

  /**
   * A value as its field's type has it.
   *
   * @throws InvalidInput naming row, field and value
   */
  private static Object converted(Object value, InputField input, int row) {
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
