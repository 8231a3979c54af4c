package org.pillion.pmml;

import java.util.function.Predicate;
import org.pillion.scoring.InvalidModel;

/** Reads a document into {@link Element}s. */
public final class ElementReader {
  private final XmlCursor cursor;
  private final String noun;
  private final Predicate<XmlCursor> kept;

  private ElementReader(XmlCursor cursor, String noun, Predicate<XmlCursor> kept) {
    this.cursor = cursor;
    this.noun = noun;
    this.kept = kept;
  }

  /**
   * The element at whose start the cursor is; the cursor moves to the document's end.
   *
   * @param noun what messages call its elements, for example {@code element}
   * @param kept tells which elements to keep, by a cursor at their start; it may throw
   * @throws InvalidModel when the document is malformed or too large
   */
  public static Element read(XmlCursor cursor, String noun, Predicate<XmlCursor> kept) {
    kept.test(cursor);
    Element root = new ElementReader(cursor, noun, kept).element();
    cursor.finish();
    return root;
  }

  private Element element() {
    Element element = new Element(noun, cursor.name(), cursor.line(), cursor.attributes());
    int depth = cursor.depth();
    StringBuilder text = new StringBuilder();
    while (cursor.nextChild(depth, text)) {
      if (kept.test(cursor)) {
        element.add(element());
      }
    }
    element.text(text.toString());
    return element;
  }
}
