package org.pillion.server.grpc;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;

/** Messages from bytes, whose fields of type {@code bytes} are not copied. */
final class Protobuf {
  private Protobuf() {}

  /**
   * Reads a small message.
   *
   * @param bytes the message; not changed afterwards
   * @throws InvalidInput when they are none
   */
  static <T extends Message> T read(Parser<T> parser, byte[] bytes) {
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
    in.enableAliasing(true);
    try {
      T message = parser.parseFrom(in);
      in.checkLastTagWas(0);
      return requireTypes(message);
    } catch (InvalidProtocolBufferException e) {
      throw malformed(e.getMessage());
    }
  }

  /**
   * Reads a message of any length.
   *
   * @param bytes the message; not changed afterwards
   * @param type the message's
   * @param memory is asked for what is made of it
   * @throws InvalidInput when they are none
   */
  static <T extends Message> T read(
      Parser<T> parser, byte[] bytes, Descriptor type, MemoryBudget memory) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      memory.take(MessageWeight.of(type, in));
    } catch (IOException e) {
      throw malformed(e.getMessage());
    }
    return read(parser, bytes);
  }

  /**
   * Checks that no field has another type on the wire, which the library would leave out.
   *
   * @throws InvalidInput when one has
   */
  static <T extends Message> T requireTypes(T message) {
    for (int field : message.getUnknownFields().asMap().keySet()) {
      if (message.getDescriptorForType().findFieldByNumber(field) != null) {
        throw otherType(field);
      }
    }
    return message;
  }

  static InvalidInput otherType(int field) {
    return malformed("field " + field + " has another type");
  }

  static InvalidInput malformed(String why) {
    return new InvalidInput("the message is not the protobuf that the call takes: " + why);
  }

  /** The bytes of a field in the array where they are, not copied. */
  static ByteBuffer bytes(ByteString field) {
    Place place = new Place();
    try {
      UnsafeByteOperations.unsafeWriteTo(field, place);
    } catch (IOException e) {
      throw new IllegalStateException("a place in memory is always found", e);
    }
    return place.bytes;
  }

  /** Is told where bytes are. */
  private static final class Place extends ByteOutput {
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    @Override
    public void write(byte value) {
      throw new UnsupportedOperationException("bytes come in one piece");
    }

    @Override
    public void write(byte[] value, int offset, int length) {
      writeLazy(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      bytes = ByteBuffer.wrap(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
      writeLazy(value);
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      bytes = value;
    }
  }
}
