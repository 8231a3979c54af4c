package org.pillion.features;

import java.util.Arrays;

/** Lists of ids as the store keeps them: little-endian, each of the same width. */
final class PackedIds {
  private PackedIds() {}

  /**
   * The ids of a list.
   *
   * @param width bytes of each, 1 to 8
   * @throws StoreException when the width does not divide the length
   */
  static long[] unpack(byte[] packed, int width) throws StoreException {
    if (packed.length % width != 0) {
      throw new StoreException(
          "a list of ids in the store has %d bytes, which %d does not divide"
              .formatted(packed.length, width));
    }
    long[] ids = new long[packed.length / width];
    for (int i = 0; i < ids.length; i++) {
      long id = 0;
      for (int at = width - 1; at >= 0; at--) {
        id = id << 8 | packed[i * width + at] & 0xFF;
      }
      ids[i] = id;
    }
    return ids;
  }

  /**
   * The items of a popularity list, which their counts follow.
   *
   * @throws StoreException when the length does not fit
   */
  static long[] popular(byte[] packed) throws StoreException {
    if (packed.length % (2 * Long.BYTES) != 0) {
      throw new StoreException(
          "a popularity list in the store has %d bytes, which %d does not divide"
              .formatted(packed.length, 2 * Long.BYTES));
    }
    return unpack(Arrays.copyOf(packed, packed.length / 2), Long.BYTES);
  }
}
