package org.pillion.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/** How log lines look; they go to standard error, since standard output is for addresses. */
enum LogFormat {
  text,
  json;

  /** Characters that end a line or steer a terminal; some names of folders and paths have them. */
  private static final String CONTROLS = "[\0-\37\177-\237\u2028\u2029]";

  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} "
          + "%replace(%msg%replace( %kvp){'^ $',''}){'"
          + CONTROLS
          + "','?'}%n";

  /** The text without what would split its line. */
  static String oneLine(String text) {
    return text.replaceAll(CONTROLS, "?");
  }

  /** Configures logging of the whole process. */
  void install() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Encoder<ILoggingEvent> encoder = encoder(context);
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender);
  }

  Encoder<ILoggingEvent> encoder(LoggerContext context) {
    if (this == json) {
      JsonLines encoder = new JsonLines();
      encoder.setContext(context);
      encoder.start();
      return encoder;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    return encoder;
  }
}
