package org.pillion.server.grpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.Utf8;

/**
 * Reads the fields of a protobuf message, one after the other.
 *
 * <p>Source: "Protocol Buffers: Encoding". Groups, which proto3 has not, are refused.
 */
final class ProtoReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  static final int FIXED32 = 5;

  private static final int TYPE_BITS = 3;
  private static final int GROUP_BITS = 7;

  private final byte[] bytes;
  private final int end;
  private int at;
  private int field;
  private int type;

  ProtoReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtoReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Another reader of what is left of this message. */
  ProtoReader copy() {
    return new ProtoReader(bytes, at, end);
  }

  /** Goes to the next field; false at the end of the message. */
  boolean next() {
    if (at >= end) {
      return false;
    }
    long tag = readVarint();
    field = (int) (tag >>> TYPE_BITS);
    type = (int) tag & GROUP_BITS;
    if (field <= 0 || tag >>> Integer.SIZE != 0) {
      throw malformed("a field has no number");
    }
    return true;
  }

  /** Number of the current field. */
  int field() {
    return field;
  }

  /** Whether the current field's bytes are many values in one. */
  boolean isPacked() {
    return type == LENGTH;
  }

  /** Whether anything is left. */
  boolean hasMore() {
    return at < end;
  }

  /** The current field's whole number. */
  long varint() {
    require(VARINT);
    return readVarint();
  }

  /** A whole number, within a packed field. */
  long readVarint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += GROUP_BITS) {
      if (at >= end) {
        throw malformed("a number is cut off");
      }
      byte part = bytes[at++];
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw malformed("a number is too long");
  }

  /** The current field's eight bytes. */
  long fixed64() {
    require(FIXED64);
    return take(Long.BYTES).getLong();
  }

  /** The current field's four bytes. */
  int fixed32() {
    require(FIXED32);
    return take(Integer.BYTES).getInt();
  }

  /** The current field's bytes, little-endian, not copied. */
  ByteBuffer bytes() {
    require(LENGTH);
    return take(length());
  }

  /** The current field's message. */
  ProtoReader message() {
    require(LENGTH);
    int length = length();
    ProtoReader message = new ProtoReader(bytes, at, at + length);
    at += length;
    return message;
  }

  /** The current field's text. */
  String string() {
    require(LENGTH);
    int length = length();
    String text = Utf8.text(bytes, at, length);
    if (text == null) {
      throw malformed("a text is not UTF-8");
    }
    at += length;
    return text;
  }

  /** Leaves out the current field. */
  void skip() {
    switch (type) {
      case VARINT -> readVarint();
      case FIXED64 -> take(Long.BYTES);
      case LENGTH -> take(length());
      case FIXED32 -> take(Integer.BYTES);
      default -> throw malformed("field " + field + " has the unknown type " + type);
    }
  }

  private int length() {
    long length = readVarint();
    if (length < 0 || length > end - at) {
      throw malformed("field " + field + " is longer than its message");
    }
    return (int) length;
  }

  private ByteBuffer take(int length) {
    if (length > end - at) {
      throw malformed("field " + field + " is cut off");
    }
    ByteBuffer part = ByteBuffer.wrap(bytes, at, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    at += length;
    return part;
  }

  private void require(int expected) {
    if (type != expected) {
      throw malformed("field " + field + " has the type " + type + ", not " + expected);
    }
  }

  static InvalidInput malformed(String why) {
    return new InvalidInput("the message is not the protobuf that the call takes: " + why);
  }
}
