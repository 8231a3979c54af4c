package org.pillion.server.http;

import org.pillion.server.inference.Ranked;

/** The JSON of an answer to a request to rank. */
final class RankResponseWriter {
  private RankResponseWriter() {}

  static Answer write(Ranked ranked) {
    return Answer.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              InferResponseWriter.writeHead(json, ranked.head());
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
              json.writeEndObject();
            }));
  }
}
