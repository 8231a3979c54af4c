package org.pillion.scoring.spark.plan;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.XmlCursor;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;

/** Reads the plan that an extension holds: a document of its own, as text. */
public final class PlanReader {
  /** Namespace of a plan's elements. */
  static final String NAMESPACE = "urn:pillion:spark-plan";

  /** The format that this version reads. */
  static final String FORMAT = "1";

  private PlanReader() {}

  /**
   * Reads a plan.
   *
   * @param format the format that the extension names
   * @param text the plan
   * @throws InvalidModel when it is malformed
   * @throws UnsupportedElement when it is of another format
   */
  public static Element read(String format, String text, DocumentLimits limits) {
    if (!FORMAT.equals(format)) {
      throw new UnsupportedElement(
          "Extension", "the plan has the format '" + format + "', not '" + FORMAT + "'");
    }
    XmlCursor cursor = XmlCursor.open(text.strip().getBytes(StandardCharsets.UTF_8), limits);
    if (!cursor.nextChild(0)
        || !cursor.name().equals("plan")
        || !cursor.namespace().equals(NAMESPACE)) {
      throw new InvalidModel("the plan's root element is not a plan of " + NAMESPACE);
    }
    Element plan = element(cursor);
    cursor.finish();
    return plan;
  }

  private static Element element(XmlCursor cursor) {
    String name = cursor.name();
    if (!cursor.namespace().equals(NAMESPACE)) {
      throw new UnsupportedElement(
          name, "the plan has an element " + name + " that is not of " + NAMESPACE);
    }
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < cursor.attributeCount(); i++) {
      attributes.put(cursor.attributeName(i), cursor.attributeValue(i));
    }
    List<Element> children = new ArrayList<>();
    int depth = cursor.depth();
    StringBuilder text = new StringBuilder();
    while (cursor.nextChild(depth, text)) {
      children.add(element(cursor));
    }
    return new Element(name, attributes, children, text.toString());
  }
}
