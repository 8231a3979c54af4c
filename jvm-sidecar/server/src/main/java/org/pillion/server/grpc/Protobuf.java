package org.pillion.server.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
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
}
