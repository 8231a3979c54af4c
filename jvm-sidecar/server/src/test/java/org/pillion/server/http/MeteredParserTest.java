package org.pillion.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.MemoryBudget;

/** What parsing takes: the names of every open object, given back at its end. */
final class MeteredParserTest {
  private static final class Counted implements MemoryBudget {
    private long now;
    private long most;

    @Override
    public void take(long bytes) {
      now += bytes;
      most = Math.max(most, now);
    }

    @Override
    public void giveBack(long bytes) {
      now -= bytes;
    }
  }

  private static Counted read(String json) {
    Counted memory = new Counted();
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    JsonText.readObject(
        body, body.length, () -> null, memory, (key, parser) -> parser.skipChildren());
    return memory;
  }

  @Test
  void names_areGivenBackAtTheEndOfTheirObject() {
    Counted once = read("{\"a\":{\"b\":1,\"c\":[{\"d\":null}]}}");
    Counted often = read("{\"a\":[" + "{\"b\":1,\"c\":[{\"d\":null}]},".repeat(999) + "{}]}");

    assertEquals(0, once.now);
    assertEquals(0, often.now);
    assertEquals(once.most, often.most);
  }

  @Test
  void names_ofOneObjectAndOfOpenOnes_areTakenTogether() {
    long one = read("{\"a\":1}").most;

    assertEquals(3 * one, read("{\"a\":1,\"b\":2,\"c\":3}").most);
    assertEquals(3 * one, read("{\"a\":{\"b\":{\"c\":3}}}").most);
    assertTrue(one > 64, "a name of one character takes " + one);
  }
}
