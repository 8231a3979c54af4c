package org.pillion.server.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text in UTF-8, strictly. */
public final class Utf8 {
  private Utf8() {}

  /** The text, or null where the bytes are not UTF-8. */
  public static String text(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] < 0) {
        return checked(bytes, offset, length);
      }
    }
    return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
  }

  /** Whether a text has a form in UTF-8: no half of a surrogate pair, which JSON can escape. */
  public static boolean encodes(String text) {
    int point;
    for (int at = 0; at < text.length(); at += Character.charCount(point)) {
      point = text.codePointAt(at);
      if (Character.isBmpCodePoint(point) && Character.isSurrogate((char) point)) {
        return false;
      }
    }
    return true;
  }

  private static String checked(byte[] bytes, int offset, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, offset, length))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
