package org.pillion.server.http;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.InvalidInput;

/** Tables as text: a line per row, cells quoted where they need it. Source: RFC 4180. */
final class Csv {
  private final char delimiter;
  private final char quote;

  Csv(char delimiter, char quote) {
    this.delimiter = delimiter;
    this.quote = quote;
  }

  /** The delimiter that the first line has most of. */
  static char sniff(String text) {
    int end = text.indexOf('\n');
    String line = end < 0 ? text : text.substring(0, end);
    char best = ',';
    for (char candidate : new char[] {';', '\t'}) {
      if (count(line, candidate) > count(line, best)) {
        best = candidate;
      }
    }
    return best;
  }

  private static long count(String line, char character) {
    return line.chars().filter(c -> c == character).count();
  }

  /**
   * The rows of a text; empty lines are left out.
   *
   * @throws InvalidInput when a quote is not closed
   */
  List<List<String>> read(String text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c != quote) {
          cell.append(c);
        } else if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
          cell.append(c);
          i++;
        } else {
          quoted = false;
        }
      } else if (c == quote && cell.isEmpty()) {
        quoted = true;
      } else if (c == delimiter) {
        row.add(take(cell));
      } else if (c == '\n') {
        row.add(take(cell));
        endRow(rows, row);
        row = new ArrayList<>();
      } else if (c != '\r') {
        cell.append(c);
      }
    }
    if (quoted) {
      throw new InvalidInput("the table ends within a quoted cell");
    }
    row.add(take(cell));
    endRow(rows, row);
    return rows;
  }

  private static String take(StringBuilder cell) {
    String text = cell.toString();
    cell.setLength(0);
    return text;
  }

  private static void endRow(List<List<String>> rows, List<String> row) {
    if (row.size() > 1 || !row.get(0).isEmpty()) {
      rows.add(row);
    }
  }

  /** A row as a line. */
  void write(StringBuilder out, List<String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      out.append(i == 0 ? "" : String.valueOf(delimiter));
      boolean plain = cell.chars().noneMatch(c -> c == delimiter || c == quote || c == '\n');
      if (plain) {
        out.append(cell);
      } else {
        String q = String.valueOf(quote);
        out.append(quote).append(cell.replace(q, q + q)).append(quote);
      }
    }
    out.append('\n');
  }
}
