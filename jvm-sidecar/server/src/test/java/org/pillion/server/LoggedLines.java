package org.pillion.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * What is logged until this is closed: the message and, as {@code key=value}, what belongs to it.
 */
final class LoggedLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger logger;
  private final Level level;
  private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

  private LoggedLines(Logger logger) {
    this.logger = logger;
    this.level = logger.getLevel();
  }

  static LoggedLines of(String name) {
    LoggedLines lines = new LoggedLines((Logger) LoggerFactory.getLogger(name));
    lines.setContext(lines.logger.getLoggerContext());
    lines.start();
    lines.logger.addAppender(lines);
    return lines;
  }

  /** The same with the lines that nobody sees otherwise, as of what warns once in a process. */
  static LoggedLines ofAllLevels(String name) {
    LoggedLines lines = of(name);
    lines.logger.setLevel(Level.TRACE);
    return lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    events.add(event);
  }

  /** The lines that begin with one of some texts. */
  List<String> beginningWith(String... texts) {
    return events.stream()
        .map(LoggedLines::text)
        .filter(line -> Stream.of(texts).anyMatch(line::startsWith))
        .toList();
  }

  boolean haveThrown() {
    return events.stream().anyMatch(event -> event.getThrowableProxy() != null);
  }

  private static String text(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(event.getFormattedMessage());
    if (event.getKeyValuePairs() != null) {
      event
          .getKeyValuePairs()
          .forEach(p -> line.append(' ').append(p.key).append('=').append(p.value));
    }
    return line.toString();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(level);
  }
}
