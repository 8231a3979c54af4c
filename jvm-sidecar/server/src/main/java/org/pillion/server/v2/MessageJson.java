package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.io.IOException;
import java.util.List;
import org.pillion.server.protocol.InferParameter;

/** Writes V2's messages as V2's JSON: of the same names, with parameters as plain values. */
final class MessageJson {
  private MessageJson() {}

  /** Writes an object with every member of a message; without parameters where it has none. */
  static void write(JsonGenerator json, Message message) throws IOException {
    json.writeStartObject();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      Object value = message.getField(field);
      if (!field.isMapField()) {
        json.writeFieldName(field.getName());
        writeValue(json, value);
      } else if (message.getRepeatedFieldCount(field) > 0) {
        json.writeObjectFieldStart(field.getName());
        for (Object entry : (List<?>) value) {
          json.writeFieldName((String) ((MapEntry<?, ?>) entry).getKey());
          writeValue(json, ((MapEntry<?, ?>) entry).getValue());
        }
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }

  private static void writeValue(JsonGenerator json, Object value) throws IOException {
    if (value instanceof List<?> items) {
      json.writeStartArray();
      for (Object item : items) {
        writeValue(json, item);
      }
      json.writeEndArray();
    } else if (value instanceof InferParameter parameter) {
      writeValue(json, parameter.getAllFields().values().iterator().next());
    } else if (value instanceof Message message) {
      write(json, message);
    } else {
      json.writeObject(value);
    }
  }
}
