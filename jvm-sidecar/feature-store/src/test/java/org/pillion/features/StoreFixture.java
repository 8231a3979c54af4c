package org.pillion.features;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** A store in memory, and what writes a feature version of films into it. */
final class StoreFixture implements StoreConnection {
  static final String FIELDS =
      "[[\"likes\",\"i64\"],[\"score\",\"f64\"],[\"ratio\",\"f32\"],[\"genre\",\"str\"],"
          + "[\"new\",\"bool\"],[\"title\",\"str\"]]";

  private static final String SCHEMA =
      "likes:i64\nscore:f64\nratio:f32\ngenre:str\nnew:bool\ntitle:str";

  final Map<String, byte[]> values = new HashMap<>();
  final Map<String, Map<String, byte[]>> hashValues = new HashMap<>();
  String failure;
  int trips;

  @Override
  public List<List<byte[]>> read(List<List<String>> groups) throws StoreException {
    trips++;
    if (failure != null) {
      throw new StoreException(failure);
    }
    return groups.stream().map(keys -> keys.stream().map(values::get).toList()).toList();
  }

  @Override
  public List<byte[]> fields(List<String> hashes, String field, List<String> keys, Duration timeout)
      throws StoreException {
    trips++;
    if (failure != null) {
      throw new StoreException(failure);
    }
    return Stream.concat(
            hashes.stream().map(hash -> hashValues.getOrDefault(hash, Map.of()).get(field)),
            keys.stream().map(values::get))
        .toList();
  }

  @Override
  public void close() {}

  void put(String key, String text) {
    values.put(key, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes items with the numbers given, of which the last is the most popular one. */
  void writeVersion(long version, String names, int... numbers) {
    for (int number : numbers) {
      values.put(Keys.item(version, number), record(number));
    }
    values.put(Keys.itemIds(version), packed(numbers, 3));
    if (names != null) {
      put(Keys.itemNames(version), names);
    }
    ByteBuffer popular = ByteBuffer.allocate(16 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = numbers.length - 1; i >= 0; i--) {
      popular.putLong(numbers[i]);
    }
    for (int i = numbers.length; i > 0; i--) {
      popular.putLong(i);
    }
    values.put(Keys.popularity(version, "global"), popular.array());
    put(
        Keys.meta(version),
        "{\"created\":17.5,\"users\":[],\"items\":%s,\"user_ids\":\"integer\",\"user_buckets\":1,"
                .formatted(FIELDS)
            + "\"id_width\":3,\"segments\":[]}");
    put(Keys.ACTIVE, Long.toString(version));
  }

  static byte[] packed(int[] numbers, int width) {
    byte[] packed = new byte[numbers.length * width];
    for (int i = 0; i < numbers.length; i++) {
      for (int at = 0; at < width; at++) {
        packed[i * width + at] = (byte) ((long) numbers[i] >>> 8 * at);
      }
    }
    return packed;
  }

  /** The record of an item: {@code score} is missing where the number is odd. */
  static byte[] record(int number) {
    CRC32 schema = new CRC32();
    schema.update(SCHEMA.getBytes(StandardCharsets.UTF_8));
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packArrayHeader(7).packLong(schema.getValue()).packLong(number - 5L);
      if (number % 2 == 0) {
        packer.packDouble(number / 3.0);
      } else {
        packer.packNil();
      }
      packer.packFloat(number / 3f).packString(number % 2 == 0 ? "even" : "odd");
      packer.packBoolean(number > 3).packString("Film " + number);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
  }
}
