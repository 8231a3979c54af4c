package org.pillion.features;

import java.time.Duration;
import java.util.List;

/** Reads values of keys from the store. */
interface StoreConnection extends AutoCloseable {
  /**
   * The values of keys in one trip; null where the store has none.
   *
   * @param groups keys by groups, each of which is on one node of a cluster
   * @return a value a key, by groups
   * @throws StoreException when the store fails or takes too long
   */
  List<List<byte[]>> read(List<List<String>> groups) throws StoreException;

  /**
   * The value of a key; null where the store has none.
   *
   * @throws StoreException when the store fails or takes too long
   */
  default byte[] read(String key) throws StoreException {
    return read(List.of(List.of(key))).get(0).get(0);
  }

  /**
   * The values of a field in hashes, then those of keys, in one trip; null where there is none.
   *
   * @param hashes on one node of a cluster, but for answers of a version with other buckets
   * @throws StoreException when the store fails or takes too long
   */
  List<byte[]> fields(List<String> hashes, String field, List<String> keys, Duration timeout)
      throws StoreException;

  @Override
  void close();
}
