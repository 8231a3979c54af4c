package org.pillion.pmml;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.InvalidModel;

/** Reads a document into {@link Element}s, without the extensions, which mean nothing here. */
public final class ElementReader {
  private static final String NAMESPACE = "http://www.dmg.org/PMML-4_4";

  private final XmlCursor cursor;

  private ElementReader(XmlCursor cursor) {
    this.cursor = cursor;
  }

  /**
   * The root element of a document.
   *
   * @throws InvalidModel when the document is malformed, too large, or not PMML
   */
  public static Element read(byte[] pmml, DocumentLimits limits) {
    XmlCursor cursor = XmlCursor.open(pmml, limits);
    if (!cursor.nextChild(0) || !cursor.name().equals("PMML")) {
      throw new InvalidModel("the document's root element is not PMML");
    }
    Element root = new ElementReader(cursor).element();
    cursor.finish();
    return root;
  }

  /** The element at whose start the cursor is; the cursor moves to its end. */
  private Element element() {
    Element element = new Element(cursor.name(), cursor.line(), attributes());
    if (!cursor.namespace().equals(NAMESPACE) && isPmml(cursor.namespace())) {
      throw element.unsupportedUse("its namespace is not that of PMML 4.4");
    }
    int depth = cursor.depth();
    List<Element> children = new ArrayList<>(0);
    StringBuilder text = new StringBuilder();
    while (cursor.nextChild(depth, text)) {
      if (!cursor.name().equals("Extension")) {
        children.add(element());
      }
    }
    // Between children there are line breaks only, in a document that is PMML.
    element.fill(children, children.isEmpty() ? text.toString() : "");
    return element;
  }

  private static boolean isPmml(String namespace) {
    return namespace.isEmpty() || namespace.startsWith("http://www.dmg.org/PMML");
  }

  private String[] attributes() {
    String[] attributes = new String[2 * cursor.attributeCount()];
    for (int i = 0; i < attributes.length; i += 2) {
      attributes[i] = cursor.attributeName(i / 2);
      attributes[i + 1] = cursor.attributeValue(i / 2);
    }
    return attributes;
  }
}
