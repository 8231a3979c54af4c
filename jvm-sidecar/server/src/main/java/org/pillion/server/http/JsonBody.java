package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.pillion.scoring.MemoryBudget;

/** Reads and writes bodies as JSON. */
public final class JsonBody {
  static final int MAX_DEPTH = 32;

  /** Characters of a text; the parser holds them several times over. */
  public static final int MAX_TEXT = 1 << 20;

  /**
   * The fast parser and writer of doubles are correctly rounded and shortest round-trip; the JDK's
   * own writer is not always shortest before 19.
   */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_TEXT)
                  .build())
          .build();

  private JsonBody() {}

  /** Writes one JSON document. */
  public interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** A document whose length does not follow from what a caller sent. */
  public static byte[] write(Content content) {
    return write(MemoryBudget.UNLIMITED, content);
  }

  /**
   * A document.
   *
   * @param memory is asked before it grows
   */
  public static byte[] write(MemoryBudget memory, Content content) {
    MeteredOutput out = new MeteredOutput(memory);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      content.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return out.toByteArray();
  }
}
