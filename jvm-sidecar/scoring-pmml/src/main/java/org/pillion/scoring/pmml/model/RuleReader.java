package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.predicate.Predicate;
import org.pillion.scoring.pmml.predicate.PredicateCompiler;

/** Reads the rules of a set, which have their numbers in document order. */
final class RuleReader {
  private final ModelContext context;
  private final DataType type;
  private final Set<Object> keys = new LinkedHashSet<>();
  private final Map<Object, String> spellings = new HashMap<>();
  private final Set<String> ids = new HashSet<>();
  private int count;

  RuleReader(ModelContext context) {
    this.context = context;
    this.type = context.requireKeyType();
  }

  /** The classes of the rules so far. */
  Categories classes() {
    return new Categories(type, new ArrayList<>(keys));
  }

  /** Position of the class that an attribute names among those so far. */
  int score(Element element, String attribute) {
    Object key = Categories.key(element, attribute, type);
    String text = element.require(attribute);
    if (!text.equals(spellings.computeIfAbsent(key, unused -> text))) {
      throw element.unsupportedUse("it spells a class in another way than before");
    }
    keys.add(key);
    return new ArrayList<>(keys).indexOf(key);
  }

  /** Reads rules, and those inside them. */
  List<Rule> rules(List<Element> elements) {
    List<Rule> found = new ArrayList<>();
    for (Element element : elements) {
      switch (element.name()) {
        case "SimpleRule" -> found.add(simple(element));
        case "CompoundRule" -> found.add(compound(element));
        default -> throw element.unsupported();
      }
    }
    return found;
  }

  private Rule simple(Element element) {
    // How the rule was found.
    element.ignore("recordCount", "nbCorrect");
    element.ignoreChildren("ScoreDistribution");
    count++;
    String id = element.attribute("id", Integer.toString(count));
    if (!ids.add(id)) {
      throw element.invalid("has the id of another one");
    }
    double confidence = element.finite("confidence", 1d);
    double weight = element.finite("weight", 1d);
    int score = score(element, "score");
    Predicate predicate =
        PredicateCompiler.compile(element.requireRemaining("predicate"), context.scope());
    return new Rule(predicate, score, id, confidence, weight, null);
  }

  private Rule compound(Element element) {
    List<Element> children = new ArrayList<>(element.remaining());
    List<Element> predicates = children.stream().filter(PredicateCompiler::isPredicate).toList();
    if (predicates.size() != 1) {
      throw element.invalid("has " + predicates.size() + " predicates instead of one");
    }
    children.removeAll(predicates);
    Predicate predicate = PredicateCompiler.compile(predicates.get(0), context.scope());
    return new Rule(predicate, -1, null, 0d, 0d, rules(children));
  }
}
