package org.pillion.server.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.pillion.scoring.RowError;

/** The rows that could not be scored, as a parameter of the response. */
public final class RowErrors {
  public static final String PARAMETER = "row_errors";

  private static final JsonFactory JSON = new JsonFactory();

  private RowErrors() {}

  /** The list as JSON in a string, since V2's parameters are scalars. */
  public static String toJson(List<RowError> errors) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartArray();
      for (RowError error : errors) {
        json.writeStartObject();
        json.writeNumberField("row", error.row());
        json.writeStringField("field", error.field());
        json.writeStringField("value", error.value());
        json.writeStringField("message", error.message());
        json.writeEndObject();
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return text.toString();
  }
}
