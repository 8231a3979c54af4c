package org.pillion.server.grpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/** Writes a protobuf message, field by field; what has its default value is left out. */
final class ProtoWriter {
  private static final int INITIAL_BYTES = 256;
  private static final int MAX_VARINT_BYTES = 10;

  private byte[] bytes;
  private int length;

  ProtoWriter() {
    this(INITIAL_BYTES);
  }

  ProtoWriter(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  ProtoWriter bool(int field, boolean value) {
    return varint(field, value ? 1 : 0);
  }

  ProtoWriter varint(int field, long value) {
    if (value != 0) {
      tag(field, ProtoReader.VARINT);
      rawVarint(value);
    }
    return this;
  }

  /** Writes a double. */
  ProtoWriter number(int field, double value) {
    long bits = Double.doubleToRawLongBits(value);
    if (bits != 0) {
      tag(field, ProtoReader.FIXED64);
      room(Long.BYTES);
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length, bits);
      length += Long.BYTES;
    }
    return this;
  }

  ProtoWriter string(int field, String text) {
    return text.isEmpty() ? this : bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a field of bytes, empty ones as well: in a repeated field they count. */
  ProtoWriter bytes(int field, byte[] value) {
    tag(field, ProtoReader.LENGTH);
    rawVarint(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  ProtoWriter message(int field, Consumer<ProtoWriter> content) {
    ProtoWriter message = new ProtoWriter();
    content.accept(message);
    return bytes(field, message.toBytes());
  }

  /** A value of a packed field. */
  ProtoWriter rawVarint(long value) {
    room(MAX_VARINT_BYTES);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  private void tag(int field, int type) {
    rawVarint((long) field << 3 | type);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      int wanted = Math.addExact(length, more);
      bytes = Arrays.copyOf(bytes, Math.max(wanted, (int) Math.min(2L * wanted, 1L << 30)));
    }
  }
}
