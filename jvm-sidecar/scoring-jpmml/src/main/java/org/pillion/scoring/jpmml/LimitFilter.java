package org.pillion.scoring.jpmml;

import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.XMLFilterImpl;

/** Stops a document that nests too deeply or has too many elements while it is being read. */
final class LimitFilter extends XMLFilterImpl {
  private final DocumentLimits limits;
  private int depth;
  private long elements;

  LimitFilter(XMLReader parent, DocumentLimits limits) {
    super(parent);
    this.limits = limits;
  }

  @Override
  public void startElement(String uri, String localName, String qName, Attributes attributes)
      throws SAXException {
    depth++;
    elements++;
    if (depth > limits.depth()) {
      throw new SAXException("elements are nested more than " + limits.depth() + " deep");
    }
    if (elements > limits.elements()) {
      throw new SAXException("there are more than " + limits.elements() + " elements");
    }
    super.startElement(uri, localName, qName, attributes);
  }

  @Override
  public void endElement(String uri, String localName, String qName) throws SAXException {
    depth--;
    super.endElement(uri, localName, qName);
  }
}
