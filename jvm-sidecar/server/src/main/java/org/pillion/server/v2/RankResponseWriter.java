package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import org.pillion.scoring.Contribution;
import org.pillion.scoring.Explanation;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.inference.Ranked;

/** Writes the response to a rank request as JSON. */
public final class RankResponseWriter {
  private RankResponseWriter() {}

  public static HttpResponse write(Ranked ranked) {
    return HttpResponse.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              InferResponseWriter.writeHeader(json, ranked.header());
              json.writeArrayFieldStart("items");
              for (Object item : ranked.items()) {
                if (item instanceof Long number) {
                  json.writeNumber(number);
                } else {
                  json.writeString((String) item);
                }
              }
              json.writeEndArray();
              json.writeFieldName("rows");
              json.writeArray(ranked.rows(), 0, ranked.rows().length);
              json.writeFieldName("scores");
              json.writeArray(ranked.scores(), 0, ranked.scores().length);
              json.writeNumberField("unscored", ranked.unscored());
              if (ranked.explanations() != null) {
                json.writeArrayFieldStart("explanations");
                for (Explanation explanation : ranked.explanations()) {
                  write(json, explanation);
                }
                json.writeEndArray();
              }
              json.writeEndObject();
            }));
  }

  private static void write(JsonGenerator json, Explanation explanation) throws IOException {
    json.writeStartObject();
    json.writeStringField("method", explanation.method().text());
    json.writeStringField("scale", explanation.scale().text());
    json.writeNumberField("base", explanation.base());
    json.writeNumberField("total", explanation.total());
    json.writeArrayFieldStart("contributions");
    for (Contribution contribution : explanation.contributions()) {
      json.writeStartObject();
      write(json, "fields", contribution.fields());
      write(json, "columns", contribution.columns());
      json.writeNumberField("value", contribution.value());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
