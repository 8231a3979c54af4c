package org.pillion.registry;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The PMML document that a version was loaded from, held compressed. */
public final class Document {
  private final byte[] deflated;
  private final String miningFunction;

  private Document(byte[] deflated, String miningFunction) {
    this.deflated = deflated;
    this.miningFunction = miningFunction;
  }

  /** A document that an engine has accepted. */
  public static Document of(byte[] pmml) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try (DeflaterOutputStream stream = new DeflaterOutputStream(out, deflater)) {
      stream.write(pmml);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    } finally {
      deflater.end();
    }
    return new Document(out.toByteArray(), functionName(pmml));
  }

  /** The document's bytes, a copy. */
  public byte[] pmml() {
    try (InflaterInputStream stream = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory does not fail", e);
    }
  }

  /** The function of its model, for example {@code classification}, if it has a model. */
  public Optional<String> miningFunction() {
    return Optional.ofNullable(miningFunction);
  }

  /** The attribute {@code functionName} of the first element that has one, which is the model. */
  private static String functionName(byte[] pmml) {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try {
      XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(pmml));
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT) {
          String name = xml.getAttributeValue(null, "functionName");
          if (name != null) {
            return name;
          }
        }
      }
    } catch (XMLStreamException e) {
      // The engine's parser accepted it; callers do without the name.
      return null;
    }
    return null;
  }
}
