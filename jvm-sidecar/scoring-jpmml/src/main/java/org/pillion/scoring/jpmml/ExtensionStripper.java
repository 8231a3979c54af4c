package org.pillion.scoring.jpmml;

import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.XMLFilterImpl;

/** Drops {@code Extension} elements, which may hold anything and mean nothing to JPMML. */
final class ExtensionStripper extends XMLFilterImpl {
  private static final String EXTENSION = "Extension";

  private int inside;

  ExtensionStripper(XMLReader parent) {
    super(parent);
  }

  @Override
  public void startElement(String uri, String localName, String qName, Attributes attributes)
      throws SAXException {
    if (inside > 0 || EXTENSION.equals(localName)) {
      inside++;
    } else {
      super.startElement(uri, localName, qName, attributes);
    }
  }

  @Override
  public void endElement(String uri, String localName, String qName) throws SAXException {
    if (inside > 0) {
      inside--;
    } else {
      super.endElement(uri, localName, qName);
    }
  }

  /**
   * Names of elements and attributes arrive resolved, so that nothing needs the declarations; but
   * JPMML refuses those of any namespace other than PMML's, even around extensions.
   */
  @Override
  public void startPrefixMapping(String prefix, String uri) {}

  @Override
  public void endPrefixMapping(String prefix) {}

  @Override
  public void characters(char[] text, int start, int length) throws SAXException {
    if (inside == 0) {
      super.characters(text, start, length);
    }
  }

  @Override
  public void ignorableWhitespace(char[] text, int start, int length) throws SAXException {
    if (inside == 0) {
      super.ignorableWhitespace(text, start, length);
    }
  }
}
