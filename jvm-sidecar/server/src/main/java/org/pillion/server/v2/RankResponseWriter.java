package org.pillion.server.v2;

import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.inference.Ranked;
import org.pillion.server.protocol.Explanation;

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
              json.writeNumberField("candidates", ranked.candidates());
              json.writeNumberField("unscored", ranked.unscored());
              if (ranked.featureVersion() != 0) {
                json.writeNumberField("feature_version", ranked.featureVersion());
              }
              if (ranked.shortlist() != null) {
                json.writeNumberField("seen_share", ranked.shortlist().share());
              }
              if (ranked.explanations() != null) {
                json.writeArrayFieldStart("explanations");
                for (Explanation explanation : ExplanationMessages.of(ranked.explanations())) {
                  MessageJson.write(json, explanation);
                }
                json.writeEndArray();
              }
              json.writeEndObject();
            }));
  }
}
