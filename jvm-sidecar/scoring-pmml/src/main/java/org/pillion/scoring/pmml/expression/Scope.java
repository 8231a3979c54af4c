package org.pillion.scoring.pmml.expression;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.DataDictionary;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.MiningSchema;
import org.pillion.scoring.pmml.field.Program;
import org.pillion.scoring.pmml.field.ValueType;

/** The fields that a model sees, which are computed in the order in which they are first needed. */
public final class Scope {
  /** As the interpreter's limit on chains of derived fields. */
  private static final int LONGEST_CHAIN = 256;

  /** What all scopes of a document share. */
  private static final class Shared {
    private final Program program;
    private final DataDictionary dictionary;
    private final Set<String> global = new HashSet<>();
    private final Set<String> underway = new HashSet<>();
    private final List<Scope> withDerived = new ArrayList<>();

    Shared(Program program, DataDictionary dictionary) {
      this.program = program;
      this.dictionary = dictionary;
    }
  }

  private final Shared shared;
  private final Scope parent;
  private final MiningSchema schema;
  private final Map<String, Element> derived;
  private final Map<String, Field> known = new HashMap<>();

  private Scope(Shared shared, Scope parent, MiningSchema schema, List<Element> derived) {
    this.shared = shared;
    this.parent = parent;
    this.schema = schema;
    this.derived = byName(derived);
    if (!derived.isEmpty()) {
      shared.withDerived.add(this);
    }
  }

  /**
   * The scope of a document's model.
   *
   * @param inputs the fields that callers give, prepared
   * @param global elements of the document's own derived fields
   * @param local elements of the model's derived fields
   */
  public static Scope root(
      Program program,
      DataDictionary dictionary,
      MiningSchema schema,
      List<Field> inputs,
      List<Element> global,
      List<Element> local) {
    Shared shared = new Shared(program, dictionary);
    global.forEach(field -> shared.global.add(field.require("name")));
    List<Element> derived = new ArrayList<>(global);
    derived.addAll(local);
    Scope scope = new Scope(shared, null, schema, derived);
    inputs.forEach(input -> scope.known.put(input.name(), input));
    return scope;
  }

  /** The scope of a model inside the model of this scope. */
  public Scope nested(MiningSchema nestedSchema, List<Element> nestedDerived) {
    nestedSchema.requireUntreated(shared.dictionary);
    for (Element field : nestedDerived) {
      String name = field.require("name");
      for (Scope outer = this; outer != null; outer = outer.parent) {
        if (outer.derived.containsKey(name)) {
          throw field.unsupportedUse("the field '" + name + "' is declared outside, too");
        }
      }
    }
    return new Scope(shared, this, nestedSchema, nestedDerived);
  }

  private Map<String, Element> byName(List<Element> fields) {
    if (fields.isEmpty()) {
      return Map.of();
    }
    Map<String, Element> byName = new LinkedHashMap<>();
    for (Element field : fields) {
      String name = field.require("name");
      if (byName.put(name, field) != null) {
        throw field.invalid("declares the field '" + name + "' twice");
      }
      if (shared.dictionary.find(name) != null) {
        throw field.invalid("declares the field '" + name + "' of the data dictionary again");
      }
    }
    return byName;
  }

  public Program program() {
    return shared.program;
  }

  public DataDictionary dictionary() {
    return shared.dictionary;
  }

  /** Makes an output field visible to what comes after it. */
  public void declareOutput(Element element, Field field) {
    if (schema.inputs().containsKey(field.name()) || derived.containsKey(field.name())) {
      throw element.unsupportedUse("there is another field '" + field.name() + "'");
    }
    if (known.put(field.name(), field) != null) {
      throw element.invalid("declares the field '" + field.name() + "' twice");
    }
  }

  /**
   * The field that an attribute names.
   *
   * @throws org.pillion.scoring.UnsupportedElement when it is not declared, or not for this model
   */
  public Field resolve(Element element, String attribute) {
    String name = element.require(attribute);
    Field field = find(name);
    if (field != null) {
      return field;
    }
    if (shared.dictionary.find(name) != null) {
      throw element.unsupportedUse(
          "the field '" + name + "' is not an input in the model's MiningSchema");
    }
    throw element.invalid(
        "refers to the field '" + name + "', which is not declared where it can be used");
  }

  private Field find(String name) {
    Field field = known.get(name);
    if (field == null) {
      Element declaration = derived.get(name);
      if (declaration != null) {
        field = compile(name, declaration);
      } else if (parent != null
          && (schema.inputs().containsKey(name) || shared.global.contains(name))) {
        field = parent.find(name);
      }
      if (field != null) {
        known.put(name, field);
      }
    }
    return field;
  }

  private Field compile(String name, Element declaration) {
    if (!shared.underway.add(name)) {
      throw declaration.invalid("computes the field '" + name + "' from itself");
    }
    if (shared.underway.size() > LONGEST_CHAIN) {
      throw declaration.invalid(
          "is at the end of a chain of more than " + LONGEST_CHAIN + " derived fields");
    }
    declaration.ignore("displayName");
    ValueType type = ValueType.of(declaration);
    Expression expression =
        ExpressionCompiler.compile(declaration.requireRemaining("expression"), this);
    Field field = shared.program.field(name, type);
    shared.program.add(new DerivedStep(field, expression));
    shared.underway.remove(name);
    return field;
  }

  /** Compiles the derived fields of all scopes that nothing refers to, for their faults only. */
  public void compileUnused() {
    shared.program.nested(
        () -> {
          for (Scope scope : shared.withDerived) {
            scope.derived.keySet().forEach(scope::find);
          }
        });
  }
}
