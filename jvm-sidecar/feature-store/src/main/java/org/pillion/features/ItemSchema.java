package org.pillion.features;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.pillion.scoring.FieldType;

/**
 * The fields of an item's record, in the order in which they are packed.
 *
 * @param fields name and type of each
 * @param id CRC-32 of the names and kinds, which begins each record
 */
record ItemSchema(List<Field> fields, long id) {
  /** The field that holds an item's title, which is no feature. */
  static final String TITLE = "title";

  private static final Map<String, FieldType> KINDS =
      Map.of(
          "f64", FieldType.DOUBLE,
          "f32", FieldType.FLOAT,
          "i64", FieldType.INTEGER,
          "bool", FieldType.BOOLEAN,
          "str", FieldType.STRING);

  /** A field of a record. */
  record Field(String name, FieldType type) {
    boolean isFeature() {
      return !name.equals(TITLE);
    }
  }

  /**
   * The schema of fields by their kinds, as {@code f64}.
   *
   * @param kinds by name, in order
   * @throws StoreException when a kind is unknown
   */
  static ItemSchema of(Map<String, String> kinds) throws StoreException {
    CRC32 id = new CRC32();
    StringBuilder text = new StringBuilder();
    List<Field> fields = new ArrayList<>();
    for (Map.Entry<String, String> entry : kinds.entrySet()) {
      FieldType type = KINDS.get(entry.getValue());
      if (type == null) {
        throw new StoreException(
            "a schema in the store has a field '%s' of unknown kind '%s'"
                .formatted(entry.getKey(), entry.getValue()));
      }
      fields.add(new Field(entry.getKey(), type));
      text.append(text.isEmpty() ? "" : "\n")
          .append(entry.getKey())
          .append(':')
          .append(entry.getValue());
    }
    id.update(text.toString().getBytes(StandardCharsets.UTF_8));
    return new ItemSchema(List.copyOf(fields), id.getValue());
  }

  /** The features' types by name, in order; a title is none. */
  Map<String, FieldType> features() {
    Map<String, FieldType> features = new LinkedHashMap<>();
    for (Field field : fields) {
      if (field.isFeature()) {
        features.put(field.name(), field.type());
      }
    }
    return features;
  }
}
