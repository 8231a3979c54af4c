package org.pillion.server.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * What the library makes of a message's bytes in memory, found without making it: two bytes on the
 * wire may be a message of their own.
 */
final class MessageWeight {
  /** A message or a field that nobody knows, with its place in a list or map. */
  private static final int OBJECT_BYTES = 256;

  /**
   * A text, or bytes that are not copied, with their place in a list; a text's characters twice.
   */
  private static final int VALUE_BYTES = 96;

  /** A number takes at least a byte on the wire, and eight in a list that may have grown. */
  private static final int NUMBER_BYTES = 16;

  private MessageWeight() {}

  /**
   * Bytes that a message takes, its own bytes not counted.
   *
   * @throws IOException when it is none
   */
  static long of(Descriptor type, CodedInputStream in) throws IOException {
    long weight = OBJECT_BYTES;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      if (field == null || WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        int start = in.getTotalBytesRead();
        in.skipField(tag);
        boolean group = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP;
        long parts = group ? in.getTotalBytesRead() - start : 1;
        weight += parts * (field == null ? OBJECT_BYTES : NUMBER_BYTES);
      } else {
        weight += ofLengthDelimited(field, in);
      }
    }
    return weight;
  }

  private static long ofLengthDelimited(FieldDescriptor field, CodedInputStream in)
      throws IOException {
    int length = in.readRawVarint32();
    if (field.getJavaType() == JavaType.MESSAGE) {
      int outer = in.pushLimit(length);
      long weight = of(field.getMessageType(), in);
      in.popLimit(outer);
      return weight;
    }
    in.skipRawBytes(length);
    return switch (field.getJavaType()) {
      case STRING -> VALUE_BYTES + 2L * length;
      case BYTE_STRING -> VALUE_BYTES;
      default -> (long) NUMBER_BYTES * length;
    };
  }
}
