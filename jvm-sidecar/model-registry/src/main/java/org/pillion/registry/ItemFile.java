package org.pillion.registry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.MemoryBudget;

/**
 * The file of a version's item table.
 *
 * <p>It is JSON Lines: the first line is an array of names, {@code item_id} and inputs of the
 * model, and each other line an array of an item's values in that order. Ids are all whole numbers
 * or all strings; missing is null, and numbers that are not finite are strings.
 */
final class ItemFile {
  private static final String ID = "item_id";

  private ItemFile() {}

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
    Map<String, FieldType> features = new LinkedHashMap<>();
    fields.forEach(field -> features.put(field.name(), field.type()));
    FieldType kind = typeOf(id(lines.get(1), 1));
    ItemTable.Builder table =
        new ItemTable.Builder(kind, features, lines.size() - 1, MemoryBudget.UNLIMITED);
    Set<Object> ids = new HashSet<>(2 * lines.size());
    for (int i = 1; i < lines.size(); i++) {
      String where = where(i);
      List<Object> row = JsonTree.array(lines.get(i), where);
      if (row.size() != fields.size() + 1) {
        throw new VersionRefused(
            "%s has %d values, but the first line has %d names"
                .formatted(where, row.size(), fields.size() + 1));
      }
      Object id = row.get(0);
      if (typeOf(id) != kind) {
        throw noId(id, where);
      }
      if (!ids.add(id)) {
        throw new VersionRefused(where + " has the id " + id + ", which came before");
      }
      table.add(id);
      for (int j = 0; j < fields.size(); j++) {
        InputField field = fields.get(j);
        String what = where + ", field '" + field.name() + "',";
        table.put(j, TypedJson.value(row.get(j + 1), field.type(), what));
      }
    }
    return table.build();
  }

  private static Object id(byte[] line, int number) throws VersionRefused {
    List<Object> row = JsonTree.array(line, where(number));
    Object id = row.isEmpty() ? null : row.get(0);
    if (typeOf(id) == null) {
      throw noId(id, where(number));
    }
    return id;
  }

  /** The type of an id; null of what is none. */
  private static FieldType typeOf(Object id) {
    return id instanceof Long ? FieldType.INTEGER : id instanceof String ? FieldType.STRING : null;
  }

  private static VersionRefused noId(Object id, String where) {
    return new VersionRefused(
        where + " has the id " + id + ", but ids are all whole numbers or all strings");
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
