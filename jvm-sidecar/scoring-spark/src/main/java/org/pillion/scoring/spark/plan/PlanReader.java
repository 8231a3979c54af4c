package org.pillion.scoring.spark.plan;

import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.pillion.pmml.Dialect;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.Element;
import org.pillion.pmml.ElementReader;
import org.pillion.pmml.XmlCursor;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;

/** Reads the plan that an extension holds: a document of its own, as text. */
public final class PlanReader {
  /** Namespace of a plan's elements. */
  static final String NAMESPACE = "urn:pillion:spark-plan";

  /** The first format, whose texts stand for themselves. */
  static final String PLAIN = "1";

  /** The format whose texts are escaped, and which may have outputs that no model declares. */
  static final String ESCAPED = "2";

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
    if (!PLAIN.equals(format) && !ESCAPED.equals(format)) {
      throw new UnsupportedElement(
          "Extension",
          "the plan has the format '%s', not '%s' or '%s'".formatted(format, PLAIN, ESCAPED));
    }
    XmlCursor cursor = XmlCursor.open(text.strip().getBytes(StandardCharsets.UTF_8), limits);
    if (!cursor.nextChild(0)
        || !cursor.name().equals("plan")
        || !cursor.namespace().equals(NAMESPACE)) {
      throw new InvalidModel("the plan's root element is not a plan of " + NAMESPACE);
    }
    return ElementReader.read(
        cursor,
        Dialect.PLAN,
        PlanReader::isOfPlan,
        ESCAPED.equals(format) ? PlanText::unescape : UnaryOperator.identity());
  }

  private static boolean isOfPlan(XmlCursor cursor) {
    if (!cursor.namespace().equals(NAMESPACE)) {
      throw new UnsupportedElement(
          cursor.name(),
          "the plan has an element %s that is not of %s".formatted(cursor.name(), NAMESPACE));
    }
    return true;
  }
}
