package org.pillion.scoring.jpmml;

import jakarta.xml.bind.JAXBException;
import java.io.ByteArrayInputStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import javax.xml.transform.sax.SAXSource;
import org.dmg.pmml.PMML;
import org.jpmml.evaluator.visitors.ModelEvaluatorVisitorBattery;
import org.jpmml.model.JAXBUtil;
import org.jpmml.model.filters.ImportFilter;
import org.jpmml.model.visitors.LocatorNullifier;
import org.pillion.scoring.InvalidModel;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.XMLReader;

/** Turns untrusted bytes into JPMML's object tree, or refuses them. */
final class DocumentReader {
  private final DocumentLimits limits;

  DocumentReader(DocumentLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads a document.
   *
   * @throws InvalidModel when it is too large, malformed, or asks for code that is not its own
   */
  PMML read(byte[] pmml) {
    if (pmml.length > limits.bytes()) {
      throw new InvalidModel(
          "the document has %d bytes, more than the %d allowed"
              .formatted(pmml.length, limits.bytes()));
    }
    PMML document = unmarshal(pmml);
    FunctionGuard.check(document);
    RegexGuard.check(document);
    ReferenceGuard.check(document);
    OtherRowsGuard.check(document);
    new LocatorNullifier().applyTo(document);
    new ModelEvaluatorVisitorBattery(false).applyTo(document);
    return document;
  }

  private PMML unmarshal(byte[] pmml) {
    try {
      SAXSource source = new SAXSource(filtered(), new InputSource(new ByteArrayInputStream(pmml)));
      Object root = JAXBUtil.getContext().createUnmarshaller().unmarshal(source);
      if (root instanceof PMML document) {
        return document;
      }
      throw new InvalidModel("the document's root element is not PMML");
    } catch (JAXBException e) {
      throw malformed(e.getLinkedException() == null ? e : e.getLinkedException());
    } catch (SAXException | ParserConfigurationException e) {
      throw malformed(e);
    }
  }

  /** JPMML's import filter maps older PMML versions to the current one; the rest is ours. */
  private XMLReader filtered() throws SAXException, ParserConfigurationException {
    return new ImportFilter(
        new NamespaceFilter(new ExtensionStripper(new LimitFilter(hardened(), limits))));
  }

  private static XMLReader hardened() throws SAXException, ParserConfigurationException {
    // The JDK's own parser, whatever else is on the class path.
    SAXParserFactory factory = SAXParserFactory.newDefaultNSInstance();
    factory.setXIncludeAware(false);
    factory.setValidating(false);
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
    factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newSAXParser().getXMLReader();
  }

  private static InvalidModel malformed(Throwable cause) {
    String where = "";
    if (cause instanceof SAXParseException at && at.getLineNumber() > 0) {
      where = " at line " + at.getLineNumber() + ", column " + at.getColumnNumber();
    }
    return new InvalidModel(
        "the document cannot be read" + where + ": " + cause.getMessage(), cause);
  }
}
