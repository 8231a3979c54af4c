package org.pillion.server.inference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ItemTable;

/**
 * What a table's items give a model: columns of the types that it takes, or why they do not fit.
 *
 * @param columns by input
 * @param problem one sentence; null where they fit
 */
record ItemBinding(Map<String, Column> columns, String problem) {
  private static final String ITEM = "item";

  /**
   * Binds a table to a model.
   *
   * @param sources where inputs come from, of those that the model says it of
   */
  static ItemBinding of(FeatureContract contract, Map<String, String> sources, ItemTable table) {
    Map<String, Column> columns = new LinkedHashMap<>();
    List<String> absent = new ArrayList<>();
    List<String> unfit = new ArrayList<>();
    for (InputField input : contract.inputs()) {
      String source = sources.get(input.name());
      Column column = table.columns().get(input.name());
      if (source != null && !source.equals(ITEM) || source == null && column == null) {
        continue;
      }
      if (column == null) {
        absent.add("'" + input.name() + "'");
        continue;
      }
      Column converted = converted(column, input);
      if (converted == null) {
        unfit.add(
            "'%s' (%s instead of %s)"
                .formatted(input.name(), column.type().text(), input.type().text()));
      } else {
        columns.put(input.name(), converted);
      }
    }
    List<String> problems = new ArrayList<>();
    if (!absent.isEmpty()) {
      problems.add("lack features that the model wants: " + String.join(", ", absent));
    }
    if (!unfit.isEmpty()) {
      problems.add("have features of other types: " + String.join(", ", unfit));
    }
    if (problems.isEmpty() && columns.isEmpty()) {
      problems.add("have none of the model's inputs");
    }
    return new ItemBinding(columns, problems.isEmpty() ? null : String.join("; and ", problems));
  }

  /** The column in the type of an input; null where it does not hold every value exactly. */
  private static Column converted(Column column, InputField input) {
    if (column.type() == input.type()) {
      return column;
    }
    boolean widens =
        input.type().isFloating() && column.type() == FieldType.INTEGER
            || input.type() == FieldType.DOUBLE && column.type() == FieldType.FLOAT;
    if (!widens) {
      return null;
    }
    ColumnBuilder builder = new ColumnBuilder(input.name(), input.type(), column.rows());
    try {
      for (int row = 0; row < column.rows(); row++) {
        builder.addBoxed(column.value(row));
      }
    } catch (InvalidInput e) {
      return null;
    }
    return builder.build().withMask(column.missing());
  }
}
