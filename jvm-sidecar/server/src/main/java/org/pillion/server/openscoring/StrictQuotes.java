package org.pillion.server.openscoring;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import org.pillion.scoring.InvalidInput;

/**
 * A table's text, in which quotes may only stand around a cell, and doubled within it (RFC 4180).
 * The library's parser takes others for parts of a cell, and so misses the cells that were meant.
 */
final class StrictQuotes extends FilterReader {
  private final char delimiter;
  private final char quote;
  private Place place = Place.START;
  private boolean afterReturn;
  private long line = 1;

  /** The line on which the last quoted cell began. */
  private long opened;

  private InvalidInput fault;

  /** Where in a cell the next character stands. */
  private enum Place {
    START,
    UNQUOTED,
    QUOTED,
    /** After a quote within a quoted cell, which ends it unless another one follows. */
    CLOSED,
    /** Among the spaces after a quoted cell, which the parser leaves out. */
    ENDED
  }

  StrictQuotes(Reader text, char delimiter, char quote) {
    super(text);
    this.delimiter = delimiter;
    this.quote = quote;
  }

  /**
   * Reads characters, those before a fault first.
   *
   * @throws InvalidInput naming the line, where nothing stands before the fault
   */
  @Override
  public int read(char[] buffer, int offset, int length) throws IOException {
    int count = fault == null ? in.read(buffer, offset, length) : 0;
    if (count < 0 && place == Place.QUOTED) {
      fault = refused(opened, "the quoted cell that begins here does not end");
    }
    for (int i = 0; i < count; i++) {
      String why = look(buffer[offset + i]);
      if (why != null) {
        fault = refused(line, why);
        count = i;
      }
    }
    if (fault != null && count <= 0) {
      throw fault;
    }
    return count;
  }

  @Override
  public int read() throws IOException {
    char[] one = new char[1];
    return read(one, 0, 1) < 0 ? -1 : one[0];
  }

  private static InvalidInput refused(long line, String why) {
    return new InvalidInput("line %d of the table: %s".formatted(line, why));
  }

  /** Moves on by a character; why it must not stand there, or null. */
  private String look(char c) {
    boolean lineEnds = c == '\n' || c == '\r';
    if (lineEnds && !(afterReturn && c == '\n')) {
      line++;
    }
    afterReturn = c == '\r';
    if (c == quote) {
      return lookAtQuote();
    }
    if (place == Place.QUOTED) {
      return null;
    }
    if (lineEnds || c == delimiter) {
      place = Place.START;
    } else if (place == Place.START) {
      place = Place.UNQUOTED;
    } else if (place != Place.UNQUOTED) {
      place = Place.ENDED;
      return Character.isWhitespace(c)
          ? null
          : "text follows the quote %s that ends a cell; a quote within a quoted cell is doubled"
              .formatted(quote);
    }
    return null;
  }

  private String lookAtQuote() {
    switch (place) {
      case START -> {
        place = Place.QUOTED;
        opened = line;
      }
      case QUOTED -> place = Place.CLOSED;
      case CLOSED -> place = Place.QUOTED;
      default -> {
        return "a quote %s stands within a cell; put the cell in quotes, and double each within it"
            .formatted(quote);
      }
    }
    return null;
  }
}
