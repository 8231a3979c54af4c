package org.pillion.server.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import org.pillion.scoring.InvalidInput;

/** Messages from bytes, whose fields of type {@code bytes} are not copied. */
final class Protobuf {
  private Protobuf() {}

  /**
   * Reads a message.
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
   * Checks that no field has another type on the wire, which the library would leave out.
   *
   * @throws InvalidInput when one has
   */
  static <T extends Message> T requireTypes(T message) {
    for (int field : message.getUnknownFields().asMap().keySet()) {
      if (message.getDescriptorForType().findFieldByNumber(field) != null) {
        throw malformed("field " + field + " has another type");
      }
    }
    return message;
  }

  private static InvalidInput malformed(String why) {
    return new InvalidInput("the message is not the protobuf that the call takes: " + why);
  }
}
