package org.pillion.features;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/** Reads one record: a MessagePack array of the schema's id and a value a field. */
final class StoredRecord {
  private StoredRecord() {}

  /**
   * The values by field; null is missing.
   *
   * @param whose names it in an error, as {@code a user's record}
   * @throws StoreException when the record is not what was written
   */
  static Map<String, Object> read(byte[] record, ItemSchema schema, String whose)
      throws StoreException {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(record)) {
      if (unpacker.unpackArrayHeader() != schema.fields().size() + 1) {
        throw new StoreException(
            whose + " in the store has another number of values than its version's schema");
      }
      if (unpacker.unpackLong() != schema.id()) {
        throw new StoreException(whose + " in the store is of another schema than its version's");
      }
      Map<String, Object> values = new HashMap<>(2 * schema.fields().size());
      for (ItemSchema.Field field : schema.fields()) {
        values.put(field.name(), value(unpacker, field));
      }
      if (unpacker.hasNext()) {
        throw new StoreException(whose + " in the store goes on after its last value");
      }
      return values;
    } catch (IOException | MessagePackException e) {
      throw new StoreException(whose + " in the store cannot be read: " + e.getMessage(), e);
    }
  }

  private static Object value(MessageUnpacker unpacker, ItemSchema.Field field) throws IOException {
    if (unpacker.getNextFormat() == MessageFormat.NIL) {
      unpacker.unpackNil();
      return null;
    }
    return switch (field.type()) {
      case DOUBLE -> unpacker.unpackDouble();
      case FLOAT -> unpacker.unpackFloat();
      case INTEGER -> unpacker.unpackLong();
      case BOOLEAN -> unpacker.unpackBoolean();
      case STRING -> unpacker.unpackString();
    };
  }
}
