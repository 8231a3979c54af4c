package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.pillion.scoring.MemoryBudget;

/**
 * A JSON parser that asks a budget for the names of each open object, which it keeps to find those
 * that come twice.
 */
final class MeteredParser extends JsonParserDelegate {
  /** A name, its text not counted, in a set of names. */
  private static final int NAME_BYTES = 128;

  private final MemoryBudget memory;
  private final Deque<Long> outer = new ArrayDeque<>();
  private long names;

  public MeteredParser(JsonParser parser, MemoryBudget memory) {
    super(parser);
    this.memory = memory;
  }

  @Override
  public JsonToken nextToken() throws IOException {
    JsonToken token = delegate.nextToken();
    if (token == JsonToken.FIELD_NAME) {
      long more = NAME_BYTES + 2L * delegate.currentName().length();
      memory.take(more);
      names += more;
    } else if (token == JsonToken.START_OBJECT) {
      outer.push(names);
      names = 0;
    } else if (token == JsonToken.END_OBJECT) {
      memory.giveBack(names);
      names = outer.pop();
    }
    return token;
  }

  @Override
  public JsonParser skipChildren() throws IOException {
    if (!currentToken().isStructStart()) {
      return this;
    }
    for (int open = 1; open > 0; ) {
      JsonToken token = nextToken();
      if (token == null) {
        return this;
      }
      open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }
    return this;
  }
}
