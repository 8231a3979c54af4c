package org.pillion.scoring.spark;

import org.pillion.scoring.spark.column.StringArrayBuilder;

/** Reads a JSON array (RFC 8259) whose elements are strings or null. */
final class StringArrayText {
  private final String text;
  private int at;

  StringArrayText(String text) {
    this.text = text;
  }

  /**
   * Adds the elements to an array that is being built.
   *
   * @return whether the text is such an array; if not, some may have been added
   */
  boolean read(StringArrayBuilder out) {
    skipBlanks();
    if (!take('[')) {
      return false;
    }
    skipBlanks();
    if (!take(']')) {
      do {
        skipBlanks();
        if (!readElement(out)) {
          return false;
        }
        skipBlanks();
      } while (take(','));
      if (!take(']')) {
        return false;
      }
    }
    skipBlanks();
    return at == text.length();
  }

  private boolean readElement(StringArrayBuilder out) {
    if (text.startsWith("null", at)) {
      at += 4;
      out.add(null);
      return true;
    }
    if (!take('"')) {
      return false;
    }
    StringBuilder element = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        out.add(element.toString());
        return true;
      }
      if (c < ' ' || c == '\\' && !readEscape(element)) {
        return false;
      }
      if (c != '\\') {
        element.append(c);
      }
    }
    return false;
  }

  private boolean readEscape(StringBuilder element) {
    if (at == text.length()) {
      return false;
    }
    char c = text.charAt(at++);
    int found = "\"\\/bfnrt".indexOf(c);
    if (found >= 0) {
      element.append("\"\\/\b\f\n\r\t".charAt(found));
      return true;
    }
    if (c != 'u' || at + 4 > text.length()) {
      return false;
    }
    int code = 0;
    for (int end = at + 4; at < end; at++) {
      int digit = text.charAt(at) < 128 ? Character.digit(text.charAt(at), 16) : -1;
      if (digit < 0) {
        return false;
      }
      code = 16 * code + digit;
    }
    element.append((char) code);
    return true;
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean take(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }
}
