package org.pillion.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.pillion.scoring.UnsupportedElement;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** An attribute or element that the compiled engine does not know is refused wherever it stands. */
final class UnknownPartTest {
  private static final String PMML = "http://www.dmg.org/PMML-4_4";

  /** What describes a document and has no influence on scores. */
  private static final Set<String> REMARKS = Set.of("Header", "Application", "Timestamp");

  @TestFactory
  Stream<DynamicTest> unknown_part_is_refused_by_name() throws Exception {
    Map<String, Path> homes = new LinkedHashMap<>();
    for (Path path : ExportedDocumentTest.taken()) {
      NodeList elements = read(path).getElementsByTagNameNS(PMML, "*");
      for (int i = 0; i < elements.getLength(); i++) {
        homes.putIfAbsent(elements.item(i).getLocalName(), path);
      }
    }
    homes.keySet().removeAll(REMARKS);
    assertTrue(homes.size() > 40, () -> "too few elements: " + homes.keySet());
    return homes.entrySet().stream()
        .flatMap(
            home ->
                Stream.of(
                    DynamicTest.dynamicTest(
                        home.getKey() + " with an attribute",
                        () -> attribute(home.getKey(), home.getValue())),
                    DynamicTest.dynamicTest(
                        home.getKey() + " with a child",
                        () -> child(home.getKey(), home.getValue()))));
  }

  private static void attribute(String name, Path path) throws Exception {
    Document document = read(path);
    first(document, name).setAttribute("novel", "1");
    byte[] bytes = write(document);
    UnsupportedElement refusal =
        assertThrows(UnsupportedElement.class, () -> Comparison.compile(bytes));
    assertEquals(name + "@novel", refusal.element());
  }

  private static void child(String name, Path path) throws Exception {
    Document document = read(path);
    first(document, name).appendChild(document.createElementNS(PMML, "Novel"));
    byte[] bytes = write(document);
    RuntimeException refusal =
        assertThrows(RuntimeException.class, () -> Comparison.compile(bytes));
    boolean named =
        refusal.getMessage().contains("Novel")
            // Where one child is expected, two are one too many, whatever the second one is.
            || refusal.getMessage().contains(name) && refusal.getMessage().contains("line");
    assertTrue(named, refusal::getMessage);
  }

  private static Element first(Document document, String name) {
    return (Element) document.getElementsByTagNameNS(PMML, name).item(0);
  }

  private static Document read(Path path) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(RealDocument.bare(path)));
  }

  private static byte[] write(Document document) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TransformerFactory.newDefaultInstance()
        .newTransformer()
        .transform(new DOMSource(document), new StreamResult(bytes));
    return bytes.toByteArray();
  }
}
