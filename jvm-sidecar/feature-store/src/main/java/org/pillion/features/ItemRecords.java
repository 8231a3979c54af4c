package org.pillion.features;

import java.io.IOException;
import java.util.List;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.ArrayBufferInput;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.ItemTable;

/**
 * Reads items' records, one after the other; for one thread.
 *
 * <p>A record is a MessagePack array: the schema's id, then a value for each of its fields, nil
 * where it is missing.
 */
final class ItemRecords {
  private final ItemSchema schema;
  private final List<String> titles;
  private final List<ItemSchema.Field> fields;
  private final ArrayBufferInput input = new ArrayBufferInput(new byte[0]);
  private final MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(input);

  /**
   * A reader.
   *
   * @param titles gets the title of each item, or null for none; null where nobody wants them
   */
  ItemRecords(ItemSchema schema, List<String> titles) {
    this.schema = schema;
    this.titles = titles;
    this.fields = schema.fields();
  }

  /**
   * Adds the features of a record to a table.
   *
   * @param number names the item in an error
   * @throws StoreException when the record is not what was written
   */
  void read(byte[] record, long number, ItemTable.Builder table) throws StoreException {
    try {
      input.reset(record);
      unpacker.reset(input);
      if (unpacker.unpackArrayHeader() != fields.size() + 1) {
        throw corrupt(number, "has another number of values than its version's schema");
      }
      if (unpacker.unpackLong() != schema.id()) {
        throw corrupt(number, "is of another schema than its version's");
      }
      int feature = 0;
      String title = null;
      for (ItemSchema.Field field : fields) {
        if (field.isFeature()) {
          readValue(field, feature++, table);
        } else if (titles == null || unpacker.getNextFormat() == MessageFormat.NIL) {
          unpacker.skipValue();
        } else {
          title = unpacker.unpackString();
        }
      }
      if (unpacker.hasNext()) {
        throw corrupt(number, "goes on after its last value");
      }
      if (titles != null) {
        titles.add(title);
      }
    } catch (IOException | MessagePackException e) {
      throw new StoreException(sentence(number, "cannot be read: " + e.getMessage()), e);
    }
  }

  private void readValue(ItemSchema.Field field, int feature, ItemTable.Builder table)
      throws IOException {
    ColumnBuilder column = table.column(feature);
    if (unpacker.getNextFormat() == MessageFormat.NIL) {
      unpacker.unpackNil();
      column.addMissing();
      return;
    }
    switch (field.type()) {
      case DOUBLE -> column.add(unpacker.unpackDouble());
      case FLOAT -> column.add(unpacker.unpackFloat());
      case INTEGER -> column.add(unpacker.unpackLong());
      case BOOLEAN -> column.add(unpacker.unpackBoolean());
      case STRING -> column.add(table.shared(unpacker.unpackString()));
    }
  }

  private static StoreException corrupt(long number, String what) {
    return new StoreException(sentence(number, what));
  }

  private static String sentence(long number, String what) {
    return "the record of item number " + number + " in the store " + what;
  }
}
