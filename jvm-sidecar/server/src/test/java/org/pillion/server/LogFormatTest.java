package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class LogFormatTest {
  @Test
  void text_namesWithLineBreaks_stayOnOneLine() {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent(
            "",
            context.getLogger("a.b.Watch"),
            Level.WARN,
            "refused version {} of '{}'",
            null,
            new Object[] {1, "a\n2026 ERROR\u2028\u001b[31m\u0085b\r\0ü"});

    String line = new String(LogFormat.text.encoder(context).encode(event), StandardCharsets.UTF_8);

    assertTrue(line.endsWith("Watch refused version 1 of 'a?2026 ERROR??[31m?b??ü'\n"), line);
    assertEquals(1, line.lines().count());
  }
}
