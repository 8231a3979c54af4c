package org.pillion.scoring.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/** Whatever stands in a plan is compiled or refused by name; nothing is passed over. */
final class PlanStrictnessTest {
  private static final Pattern START =
      Pattern.compile("<([A-Za-z]+)((?: [a-z-]+=\"[^\"]*\")*) ?/?>");
  private static final Pattern ATTRIBUTE = Pattern.compile(" ([a-z-]+)=\"[^\"]*\"");

  /** What may be absent, or says by its absence what a model is. */
  private static final String OPTIONAL =
      "plan@(spark|xmlns)"
          + "|.*@(raw|probability|prediction|link-prediction|classes)"
          + "|literal@value|naiveBayes@type|output@(element|column|type)|xgboost@own-margin|readTime@eval";

  /** An element's start, where it first stands in some document's plan. */
  private record Place(String name, String document, Matcher at) {
    String tag() {
      return at.group();
    }

    /** The document with another tag in the place of this one. */
    String with(String tag) {
      String plan = Goldens.plan(document);
      return Goldens.with(document, plan.substring(0, at.start()) + tag + plan.substring(at.end()));
    }
  }

  private static Map<String, Place> places() {
    Map<String, Place> places = new LinkedHashMap<>();
    for (String document : Goldens.DOCUMENTS.values()) {
      Matcher matcher = START.matcher(Goldens.plan(document));
      while (matcher.find()) {
        if (!places.containsKey(matcher.group(1))) {
          Matcher here = START.matcher(Goldens.plan(document));
          assertTrue(here.find(matcher.start()));
          places.put(matcher.group(1), new Place(matcher.group(1), document, here));
        }
      }
    }
    assertTrue(places.size() > 60, () -> "too few elements: " + places.keySet());
    return places;
  }

  @TestFactory
  Stream<DynamicTest> unknownAttribute_isRefusedByName() {
    return places().values().stream()
        .map(place -> DynamicTest.dynamicTest(place.name(), () -> attribute(place)));
  }

  private static void attribute(Place place) {
    String start = "<" + place.name();
    String document = place.with(place.tag().replaceFirst(start, start + " novel=\"1\""));
    UnsupportedElement refusal =
        assertThrows(UnsupportedElement.class, () -> Goldens.compile(document));
    assertEquals(place.name() + "@novel", refusal.element());
    assertTrue(refusal.getMessage().contains("novel"), refusal::getMessage);
  }

  @TestFactory
  Stream<DynamicTest> unknownChild_isRefusedByName() {
    return places().values().stream()
        .map(place -> DynamicTest.dynamicTest(place.name(), () -> child(place)));
  }

  private static void child(Place place) {
    boolean empty = place.tag().endsWith("/>");
    String open = empty ? place.tag().replace("/>", ">") : place.tag();
    String document = place.with(open + "<novel/>" + (empty ? "</" + place.name() + ">" : ""));
    ScoringException refusal =
        assertThrows(ScoringException.class, () -> Goldens.compile(document));
    boolean named =
        refusal.getMessage().contains("novel")
            // Where a number of operands is expected, one more is one too many, whatever it is.
            || refusal.getMessage().contains(place.name())
            || refusal.getMessage().endsWith("operands");
    assertTrue(named, refusal::getMessage);
  }

  @TestFactory
  Stream<DynamicTest> unknownText_isRefusedByName() {
    return places().values().stream()
        .filter(place -> place.tag().endsWith("/>"))
        .map(place -> DynamicTest.dynamicTest(place.name(), () -> text(place)));
  }

  private static void text(Place place) {
    if (place.name().equals("v")) {
      return; // Its text is a label.
    }
    String document = place.with(place.tag().replace("/>", ">novel</" + place.name() + ">"));
    ScoringException refusal =
        assertThrows(ScoringException.class, () -> Goldens.compile(document));
    assertTrue(refusal.getMessage().contains(place.name()), refusal::getMessage);
  }

  /**
   * Without an attribute a plan is refused by the names of both, unless it is one that may miss.
   */
  @TestFactory
  Stream<DynamicTest> missingAttribute_isRefusedByName() {
    Map<String, String> without = new TreeMap<>();
    for (Place place : places().values()) {
      Matcher attribute = ATTRIBUTE.matcher(place.at().group(2));
      while (attribute.find()) {
        without.put(
            place.name() + "@" + attribute.group(1),
            place.with(place.tag().replace(attribute.group(), "")));
      }
    }
    return without.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> missing(entry.getKey(), entry.getValue())));
  }

  private static void missing(String attribute, String document) {
    if (attribute.matches(OPTIONAL)) {
      // A column that a later element or an output refers to is then missed there.
      try {
        Goldens.compile(document);
      } catch (ScoringException refusal) {
        assertTrue(refusal.getMessage().startsWith("the plan"), refusal::getMessage);
      }
      return;
    }
    ScoringException refusal =
        assertThrows(ScoringException.class, () -> Goldens.compile(document));
    String name = attribute.substring(attribute.indexOf('@') + 1);
    assertTrue(refusal.getMessage().contains("'" + name + "'"), refusal::getMessage);
  }

  @Test
  void elementOfAnotherNamespace_isRefusedByName() {
    String document = Goldens.DOCUMENTS.get("logistic");
    String changed =
        document.replace("<logisticRegression ", "<logisticRegression xmlns=\"urn:other\" ");
    UnsupportedElement refusal =
        assertThrows(UnsupportedElement.class, () -> Goldens.compile(changed));
    assertEquals("logisticRegression", refusal.element());
  }

  @Test
  void attributeWithAPrefix_isRefusedByName() {
    String document = Goldens.DOCUMENTS.get("logistic");
    String changed =
        document.replace(
            "<logisticRegression ", "<logisticRegression xmlns:x=\"urn:x\" x:threshold=\"0.9\" ");
    UnsupportedElement refusal =
        assertThrows(UnsupportedElement.class, () -> Goldens.compile(changed));
    assertEquals("logisticRegression@x:threshold", refusal.element());
  }
}
