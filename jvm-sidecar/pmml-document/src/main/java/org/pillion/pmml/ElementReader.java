package org.pillion.pmml;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.pillion.scoring.InvalidModel;

/** Reads a document into {@link Element}s. */
public final class ElementReader {
  private final XmlCursor cursor;
  private final Dialect dialect;
  private final Predicate<XmlCursor> kept;
  private final UnaryOperator<String> decoder;

  private ElementReader(
      XmlCursor cursor, Dialect dialect, Predicate<XmlCursor> kept, UnaryOperator<String> decoder) {
    this.cursor = cursor;
    this.dialect = dialect;
    this.kept = kept;
    this.decoder = decoder;
  }

  /**
   * The element at whose start the cursor is; the cursor moves to the document's end.
   *
   * @param dialect whose elements they are
   * @param kept tells which elements to keep, by a cursor at their start; it may throw
   * @throws InvalidModel when the document is malformed or too large
   */
  public static Element read(XmlCursor cursor, Dialect dialect, Predicate<XmlCursor> kept) {
    return read(cursor, dialect, kept, UnaryOperator.identity());
  }

  /**
   * The element at whose start the cursor is, as {@link #read(XmlCursor, String, Predicate)} reads
   * it.
   *
   * @param decoder makes the values of attributes and the texts of what the document has
   */
  public static Element read(
      XmlCursor cursor, Dialect dialect, Predicate<XmlCursor> kept, UnaryOperator<String> decoder) {
    kept.test(cursor);
    Element root = new ElementReader(cursor, dialect, kept, decoder).element();
    cursor.finish();
    return root;
  }

  private Element element() {
    String[] attributes = cursor.attributes();
    for (int i = 1; i < attributes.length; i += 2) {
      attributes[i] = decoder.apply(attributes[i]);
    }
    Element element = new Element(dialect, cursor.name(), cursor.line(), attributes);
    int depth = cursor.depth();
    StringBuilder text = new StringBuilder();
    while (cursor.nextChild(depth, text)) {
      if (kept.test(cursor)) {
        element.add(element());
      }
    }
    element.text(decoder.apply(text.toString()));
    return element;
  }
}
