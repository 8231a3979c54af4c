package org.pillion.scoring.jpmml;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.dmg.pmml.Version;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.XMLFilterImpl;

/** Stops a document that is of no version of PMML which JPMML can import, or of several. */
final class NamespaceFilter extends XMLFilterImpl {
  private static final Set<String> KNOWN =
      Arrays.stream(Version.values())
          .filter(Version::isStandard)
          .map(Version::getNamespaceURI)
          .collect(Collectors.toUnmodifiableSet());

  private String root;

  NamespaceFilter(XMLReader parent) {
    super(parent);
  }

  @Override
  public void startElement(String uri, String localName, String qName, Attributes attributes)
      throws SAXException {
    if (root == null) {
      root = uri;
      if (localName.equals("PMML") && !KNOWN.contains(uri)) {
        throw new SAXException(
            "its namespace is '%s' instead of that of a PMML version from 3.0 to 4.4, such as '%s'"
                .formatted(uri, Version.PMML_4_4.getNamespaceURI()));
      }
    } else if (KNOWN.contains(uri) && !uri.equals(root)) {
      throw new SAXException(
          "the element %s is of '%s', the root of '%s'".formatted(localName, uri, root));
    }
    super.startElement(uri, localName, qName, attributes);
  }
}
