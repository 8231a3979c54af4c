package org.pillion.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.Scorer;

/**
 * What a table's items give a model, and what the model computes of them alone; or why they do not
 * fit.
 *
 * @param items prepared by the model; null where they do not fit
 * @param problem one sentence; null where they fit
 */
public record ItemBinding(ResidentItems items, String problem) {
  private static final String ITEM = "item";

  /**
   * Binds a table to a model.
   *
   * @param table the model's own, which gives whatever inputs it has, or one that stands beside it
   * @param bytesPerItem how much of what is computed may be kept, by item
   */
  public static ItemBinding of(ModelVersion model, ItemTable table, int bytesPerItem) {
    Scorer scorer = model.scorer();
    Map<String, String> sources = model.owns(table) ? Map.of() : model.sources();
    ItemColumns.Builder columns = ItemColumns.builder(scorer.contract(), table.rows());
    List<String> absent = new ArrayList<>();
    List<String> unfit = new ArrayList<>();
    int given = 0;
    for (InputField input : scorer.contract().inputs()) {
      String source = sources.get(input.name());
      Column column = table.columns().get(input.name());
      if (source != null && !source.equals(ITEM) || source == null && column == null) {
        continue;
      }
      Column converted = column == null ? null : converted(column, input);
      if (column == null) {
        absent.add("'" + input.name() + "'");
      } else if (converted == null) {
        unfit.add(
            "'%s' (%s instead of %s)"
                .formatted(input.name(), column.type().text(), input.type().text()));
      } else {
        columns.add(input.name(), converted);
        given++;
      }
    }
    List<String> problems = new ArrayList<>();
    if (!absent.isEmpty()) {
      problems.add("lack features that the model wants: " + String.join(", ", absent));
    }
    if (!unfit.isEmpty()) {
      problems.add("have features of other types: " + String.join(", ", unfit));
    }
    if (problems.isEmpty() && (given == 0 || table.rows() == 0)) {
      problems.add(given == 0 ? "have none of the model's inputs" : "are none");
    }
    if (!problems.isEmpty()) {
      return new ItemBinding(null, String.join("; and ", problems));
    }
    return new ItemBinding(scorer.prepare(columns.build(), bytesPerItem), null);
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
    return builder.build();
  }
}
