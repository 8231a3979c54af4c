package org.pillion.pmml;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.pillion.scoring.InvalidModel;

/**
 * A place in a document that moves from element to element, and refuses what a document may not
 * have: a DOCTYPE, entities, or more of anything than {@link DocumentLimits} allows.
 */
public final class XmlCursor {
  private final XMLStreamReader reader;
  private final DocumentLimits limits;
  private int depth;
  private long elements;

  private XmlCursor(XMLStreamReader reader, DocumentLimits limits) {
    this.reader = reader;
    this.limits = limits;
  }

  /**
   * A cursor before a document's root element.
   *
   * @throws InvalidModel when the document is too large
   */
  public static XmlCursor open(byte[] document, DocumentLimits limits) {
    if (document.length > limits.bytes()) {
      throw new InvalidModel(
          "the document has %d bytes, more than the %d allowed"
              .formatted(document.length, limits.bytes()));
    }
    // The JDK's own parser, whatever else is on the class path.
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, false);
    try {
      return new XmlCursor(
          factory.createXMLStreamReader(new ByteArrayInputStream(document)), limits);
    } catch (XMLStreamException e) {
      throw malformed(e);
    }
  }

  /**
   * A cursor at the start of a PMML document's root element.
   *
   * @throws InvalidModel when the document is too large, malformed or not PMML
   */
  public static XmlCursor openPmml(byte[] document, DocumentLimits limits) {
    XmlCursor cursor = open(document, limits);
    if (!cursor.nextChild(0) || !cursor.name().equals("PMML")) {
      throw new InvalidModel("the document's root element is not PMML");
    }
    return cursor;
  }

  /**
   * Moves to the start of the next child of an element that the cursor is in, skipping text.
   *
   * @param parent depth of the parent, 0 for the document
   * @return false at the parent's end
   * @throws InvalidModel when the document is malformed or breaks a rule
   */
  public boolean nextChild(int parent) {
    return nextChild(parent, null);
  }

  /**
   * Moves to the start of the next child as {@link #nextChild(int)} does.
   *
   * @param text takes the parent's own text on the way, or null
   */
  public boolean nextChild(int parent, StringBuilder text) {
    while (true) {
      // Whatever is left of a child that the caller has not read to its end is passed over.
      int event = next();
      if (event == XMLStreamConstants.START_ELEMENT && depth == parent + 1) {
        return true;
      }
      if (event == XMLStreamConstants.END_ELEMENT && depth < parent
          || event == XMLStreamConstants.END_DOCUMENT) {
        return false;
      }
      if (text != null && depth == parent && isText(event)) {
        text.append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
      }
    }
  }

  private static boolean isText(int event) {
    return event == XMLStreamConstants.CHARACTERS
        || event == XMLStreamConstants.CDATA
        || event == XMLStreamConstants.SPACE;
  }

  /** Depth of the element that the cursor is in, 1 for the root. */
  public int depth() {
    return depth;
  }

  /** Name of the element at whose start the cursor is, without its prefix. */
  public String name() {
    return reader.getLocalName();
  }

  /** Namespace of the element at whose start the cursor is, or the empty string. */
  public String namespace() {
    String uri = reader.getNamespaceURI();
    return uri == null ? "" : uri;
  }

  /**
   * Attributes of the element at whose start the cursor is, names and values in turn; a name of
   * another namespace keeps its prefix. Those that say where a schema lies are left out.
   */
  public String[] attributes() {
    List<String> attributes = new ArrayList<>(2 * reader.getAttributeCount());
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      String prefix = reader.getAttributePrefix(i);
      String name = reader.getAttributeLocalName(i);
      if (!isSchemaLocation(reader.getAttributeNamespace(i), name)) {
        attributes.add(prefix == null || prefix.isEmpty() ? name : prefix + ":" + name);
        attributes.add(reader.getAttributeValue(i));
      }
    }
    return attributes.toArray(String[]::new);
  }

  private static boolean isSchemaLocation(String namespace, String name) {
    return XMLConstants.W3C_XML_SCHEMA_INSTANCE_NS_URI.equals(namespace)
        && (name.equals("schemaLocation") || name.equals("noNamespaceSchemaLocation"));
  }

  /** Number of the line that the cursor is in. */
  public int line() {
    return reader.getLocation().getLineNumber();
  }

  /** An attribute of the element at whose start the cursor is, or null. */
  public String attribute(String name) {
    return reader.getAttributeValue(null, name);
  }

  /** An attribute of the element at whose start the cursor is. */
  public String attribute(String name, String otherwise) {
    String value = attribute(name);
    return value == null ? otherwise : value;
  }

  /**
   * An attribute that must be there.
   *
   * @throws InvalidModel naming element and attribute
   */
  public String required(String name) {
    String value = attribute(name);
    if (value == null) {
      throw new InvalidModel("the element " + name() + " has no attribute '" + name + "'" + at());
    }
    return value;
  }

  /** Reads the text of the element at whose start the cursor is, and moves to its end. */
  public String text() {
    StringBuilder text = new StringBuilder();
    int inside = depth;
    while (true) {
      int event = next();
      if (event == XMLStreamConstants.END_ELEMENT && depth < inside) {
        return text.toString();
      }
      if (isText(event)) {
        text.append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
      }
    }
  }

  /** Moves to the end of the document, so that a malformed rest does not go unnoticed. */
  public void finish() {
    while (next() != XMLStreamConstants.END_DOCUMENT) {
      continue;
    }
  }

  /** Where the cursor is, as an ending of a sentence. */
  public String at() {
    return " (line " + reader.getLocation().getLineNumber() + ")";
  }

  private int next() {
    try {
      int event = reader.next();
      switch (event) {
        case XMLStreamConstants.START_ELEMENT -> {
          depth++;
          elements++;
          checkLimits();
        }
        case XMLStreamConstants.END_ELEMENT -> depth--;
        case XMLStreamConstants.DTD -> throw new InvalidModel("the document has a DOCTYPE");
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw new InvalidModel(
                "the document refers to the entity '" + reader.getLocalName() + "'");
        default -> {}
      }
      return event;
    } catch (XMLStreamException e) {
      throw malformed(e);
    }
  }

  private void checkLimits() {
    if (depth > limits.depth()) {
      throw new InvalidModel(
          "the document's elements are nested more than " + limits.depth() + " deep");
    }
    if (elements > limits.elements()) {
      throw new InvalidModel("the document has more than " + limits.elements() + " elements");
    }
  }

  private static InvalidModel malformed(XMLStreamException e) {
    String where = "";
    if (e.getLocation() != null && e.getLocation().getLineNumber() > 0) {
      where =
          " at line "
              + e.getLocation().getLineNumber()
              + ", column "
              + e.getLocation().getColumnNumber();
    }
    String message = e.getMessage();
    int reason = message == null ? -1 : message.indexOf("Message: ");
    return new InvalidModel(
        "the document cannot be read"
            + where
            + ": "
            + (reason < 0 ? message : message.substring(reason + "Message: ".length())),
        e);
  }
}
