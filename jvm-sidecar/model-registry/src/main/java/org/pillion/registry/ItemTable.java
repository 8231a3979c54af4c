package org.pillion.registry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;

/**
 * A model's items with their features, held in memory, so that a request can name candidates by
 * their ids.
 *
 * <p>The file is JSON Lines: the first line is an array of names, {@code item_id} and inputs of the
 * model, and each other line an array of an item's values in that order. Ids are all whole numbers
 * or all strings; missing is null, and numbers that are not finite are strings.
 */
public final class ItemTable {
  private static final String ID = "item_id";

  private final Map<Object, Integer> positions;
  private final Map<String, Column> columns;

  private ItemTable(Map<Object, Integer> positions, Map<String, Column> columns) {
    this.positions = positions;
    this.columns = columns;
  }

  /**
   * Reads a table.
   *
   * @param jsonLines the file's bytes
   * @throws VersionRefused naming the line and what does not fit the model's contract
   */
  static ItemTable read(byte[] jsonLines, FeatureContract contract) throws VersionRefused {
    List<byte[]> lines = lines(jsonLines);
    if (lines.size() < 2) {
      throw new VersionRefused(VersionFolder.ITEMS + " has no items");
    }
    List<InputField> fields = fields(lines.get(0), contract);
    List<ColumnBuilder> builders = new ArrayList<>();
    for (InputField field : fields) {
      builders.add(new ColumnBuilder(field.name(), field.type(), lines.size() - 1));
    }
    Map<Object, Integer> positions = new HashMap<>(2 * lines.size());
    Class<?> kind = null;
    for (int i = 1; i < lines.size(); i++) {
      String where = where(i);
      List<Object> row = JsonTree.array(lines.get(i), where);
      if (row.size() != fields.size() + 1) {
        throw new VersionRefused(
            "%s has %d values, but the first line has %d names"
                .formatted(where, row.size(), fields.size() + 1));
      }
      Object id = row.get(0);
      boolean isId = id instanceof Long || id instanceof String;
      kind = kind == null && isId ? id.getClass() : kind;
      if (!isId || id.getClass() != kind) {
        throw new VersionRefused(
            where + " has the id " + id + ", but ids are all whole numbers or all strings");
      }
      if (positions.put(id, i - 1) != null) {
        throw new VersionRefused(where + " has the id " + id + ", which came before");
      }
      for (int j = 0; j < fields.size(); j++) {
        InputField field = fields.get(j);
        builders
            .get(j)
            .addBoxed(
                TypedJson.value(
                    row.get(j + 1), field.type(), where + ", field '" + field.name() + "',"));
      }
    }
    Map<String, Column> columns = new LinkedHashMap<>();
    for (int j = 0; j < fields.size(); j++) {
      columns.put(fields.get(j).name(), builders.get(j).build());
    }
    return new ItemTable(positions, columns);
  }

  /** Number of items. */
  public int rows() {
    return positions.size();
  }

  /** The inputs of the model that the table gives. */
  public List<String> fields() {
    return List.copyOf(columns.keySet());
  }

  /**
   * The features of some items, a column by field.
   *
   * @param ids whole numbers or texts, in any order and as often as wanted
   * @throws InvalidInput naming the first id that the table does not have, and its index
   */
  public Map<String, Column> take(Column ids) {
    int[] rows = new int[ids.rows()];
    for (int i = 0; i < rows.length; i++) {
      Integer position = positions.get(ids.value(i));
      if (position == null) {
        String text = String.valueOf(ids.value(i));
        String shown = text.length() > 100 ? text.substring(0, 100) + "…" : text;
        String id = ids.type() == FieldType.STRING ? "'" + shown + "'" : shown;
        throw new InvalidInput(
            "'item_ids', index %d: the model's item table has no item %s".formatted(i, id));
      }
      rows[i] = position;
    }
    Map<String, Column> taken = new LinkedHashMap<>();
    columns.forEach((name, column) -> taken.put(name, column.take(rows)));
    return taken;
  }

  private static List<InputField> fields(byte[] line, FeatureContract contract)
      throws VersionRefused {
    List<Object> names = JsonTree.array(line, where(0));
    if (names.isEmpty() || !ID.equals(names.get(0))) {
      throw new VersionRefused(where(0) + " does not begin with the name '" + ID + "'");
    }
    Map<String, Integer> positions = contract.inputPositions();
    List<InputField> fields = new ArrayList<>();
    for (Object name : names.subList(1, names.size())) {
      Integer position = name instanceof String ? positions.get(name) : null;
      if (position == null) {
        throw new VersionRefused(where(0) + " names '" + name + "', which is not an input");
      }
      InputField field = contract.inputs().get(position);
      if (fields.contains(field)) {
        throw new VersionRefused(where(0) + " names '" + name + "' twice");
      }
      fields.add(field);
    }
    if (fields.isEmpty()) {
      throw new VersionRefused(where(0) + " names no input");
    }
    return fields;
  }

  private static String where(int line) {
    return "line " + (line + 1) + " of " + VersionFolder.ITEMS;
  }

  private static List<byte[]> lines(byte[] text) {
    List<byte[]> lines = new ArrayList<>();
    int start = 0;
    for (int at = 0; at <= text.length; at++) {
      if (at == text.length || text[at] == '\n') {
        if (at > start) {
          lines.add(Arrays.copyOfRange(text, start, at));
        }
        start = at + 1;
      }
    }
    return lines;
  }
}
