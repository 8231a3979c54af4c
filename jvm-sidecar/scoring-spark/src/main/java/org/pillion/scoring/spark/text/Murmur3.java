package org.pillion.scoring.spark.text;

import java.nio.charset.StandardCharsets;

/** MurmurHash3_x86_32 of a text's UTF-8 bytes, from the seed that Spark ML takes. */
public final class Murmur3 {
  /** The seed, which is also the hash of null. */
  public static final int SEED = 42;

  private static final int C1 = 0xcc9e2d51;
  private static final int C2 = 0x1b873593;

  private Murmur3() {}

  /** The hash of a text. */
  public static int hash(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int hash = SEED;
    int whole = bytes.length & ~3;
    for (int i = 0; i < whole; i += 4) {
      int word =
          bytes[i] & 0xff
              | (bytes[i + 1] & 0xff) << 8
              | (bytes[i + 2] & 0xff) << 16
              | bytes[i + 3] << 24;
      hash = Integer.rotateLeft(hash ^ scrambled(word), 13) * 5 + 0xe6546b64;
    }
    int rest = 0;
    for (int i = bytes.length - 1; i >= whole; i--) {
      rest = rest << 8 | bytes[i] & 0xff;
    }
    hash ^= scrambled(rest) ^ bytes.length;
    hash = (hash ^ hash >>> 16) * 0x85ebca6b;
    hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
    return hash ^ hash >>> 16;
  }

  /** The place of a hash among a number of features. */
  public static int index(int hash, int features) {
    return Math.floorMod(hash, features);
  }

  private static int scrambled(int word) {
    return Integer.rotateLeft(word * C1, 15) * C2;
  }
}
