package org.pillion.features;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was read of a store to make a snapshot, kept in a file, so that the same snapshot can be
 * made where the store does not answer.
 *
 * <p>The file is a line that says what it is, the SHA-256 of the rest, and the values by key, each
 * with its length before it.
 */
final class KeptReads implements StoreConnection {
  private static final byte[] HEAD =
      "pillion store snapshot 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int SUM_BYTES = 32;

  private final Map<String, byte[]> values;
  private final StoreConnection store;

  private KeptReads(Map<String, byte[]> values, StoreConnection store) {
    this.values = values;
    this.store = store;
  }

  /** A store of which everything that is read is kept. */
  static KeptReads of(StoreConnection store) {
    return new KeptReads(new LinkedHashMap<>(), store);
  }

  /**
   * What a file has.
   *
   * @throws IOException when it cannot be read
   * @throws StoreException when it is not what was written
   */
  static KeptReads read(Path file) throws IOException, StoreException {
    byte[] whole = Files.readAllBytes(file);
    int start = HEAD.length + SUM_BYTES;
    if (whole.length < start
        || !Arrays.equals(HEAD, Arrays.copyOf(whole, HEAD.length))
        || !Arrays.equals(
            sum(Arrays.copyOfRange(whole, start, whole.length)),
            Arrays.copyOfRange(whole, HEAD.length, start))) {
      throw new StoreException(file + " is not a snapshot, or is not what was written there");
    }
    Map<String, byte[]> values = new LinkedHashMap<>();
    DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(whole, start, whole.length - start));
    while (in.available() > 0) {
      String key = in.readUTF();
      values.put(key, in.readNBytes(in.readInt()));
    }
    return new KeptReads(values, null);
  }

  /** Writes all of it to a file, or nothing. */
  void write(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (Map.Entry<String, byte[]> value : values.entrySet()) {
      out.writeUTF(value.getKey());
      out.writeInt(value.getValue().length);
      out.write(value.getValue());
    }
    byte[] body = bytes.toByteArray();
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path written = Files.createTempFile(folder, "." + file.getFileName() + ".", "");
    try {
      try (OutputStream to = Files.newOutputStream(written)) {
        to.write(HEAD);
        to.write(sum(body));
        to.write(body);
      }
      try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  private static byte[] sum(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public List<List<byte[]>> read(List<List<String>> groups) throws StoreException {
    if (store == null) {
      return groups.stream().map(keys -> keys.stream().map(values::get).toList()).toList();
    }
    List<List<byte[]>> found = store.read(groups);
    for (int group = 0; group < groups.size(); group++) {
      for (int i = 0; i < groups.get(group).size(); i++) {
        byte[] value = found.get(group).get(i);
        if (value != null) {
          values.put(groups.get(group).get(i), value);
        }
      }
    }
    return found;
  }

  @Override
  public List<byte[]> fields(
      List<String> hashes, String field, List<String> keys, Duration timeout) {
    throw new UnsupportedOperationException("a snapshot has no users");
  }

  /** The store is closed by whoever opened it. */
  @Override
  public void close() {}
}
