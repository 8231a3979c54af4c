package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Expression;
import org.pillion.scoring.pmml.expression.ExpressionCompiler;
import org.pillion.scoring.pmml.field.ArrayContent;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;

/** {@code VectorDictionary}: how a row becomes a vector, and vectors with names. */
final class VectorInput {
  /**
   * An element of the vector.
   *
   * @param expression a number, or null
   * @param field where the element is 1 for a value with a code, else 0; or null
   */
  private record Part(Expression expression, Field field, int code) {}

  private final List<Part> parts;
  private final Map<String, double[]> instances;

  private VectorInput(List<Part> parts, Map<String, double[]> instances) {
    this.parts = parts;
    this.instances = instances;
  }

  static VectorInput compile(Element element, ModelContext context) {
    element.ignore("numberOfVectors");
    Element fields = element.requireChild("VectorFields");
    fields.ignore("numberOfFields");
    List<Part> parts = new ArrayList<>();
    for (Element child : fields.remaining()) {
      parts.add(part(child, context));
    }
    Map<String, double[]> instances = new HashMap<>();
    for (Element instance : element.children("VectorInstance")) {
      double[] vector = vector(instance, parts.size());
      if (instances.put(instance.require("id"), vector) != null) {
        throw instance.invalid("has the id of another one");
      }
    }
    return new VectorInput(parts, instances);
  }

  private static Part part(Element element, ModelContext context) {
    switch (element.name()) {
      case "FieldRef" -> {
        Expression expression = ExpressionCompiler.compile(element, context.scope());
        if (!expression.type().data().isNumeric()) {
          throw element.unsupportedUse("its field holds no numbers");
        }
        return new Part(expression, null, 0);
      }
      case "CategoricalPredictor" -> {
        if (element.finite("coefficient", 1d) != 1d) {
          throw element.unsupported("coefficient");
        }
        Field field = context.scope().resolve(element, "name");
        return new Part(null, field, field.define(element, "value"));
      }
      default -> throw element.unsupported();
    }
  }

  private static double[] vector(Element instance, int size) {
    Element array = instance.requireRemaining("array");
    double[] vector =
        switch (array.name()) {
          case "Array" -> ArrayContent.numbers(array);
          case "REAL-SparseArray" -> sparse(array, size);
          default -> throw array.unsupported();
        };
    if (vector.length != size) {
      throw instance.invalid("has another number of elements than there are fields");
    }
    return vector;
  }

  private static double[] sparse(Element array, int size) {
    double otherwise = array.finite("defaultValue", 0d);
    if (array.count("n") != size) {
      throw array.invalid("has another length than there are fields");
    }
    double[] vector = new double[size];
    Arrays.fill(vector, otherwise);
    Element indices = array.child("Indices");
    Element entries = array.child("REAL-Entries");
    int[] places = indices == null ? new int[0] : indices.ints();
    double[] values = entries == null ? new double[0] : entries.doubles();
    if (places.length != values.length) {
      throw array.invalid("has another number of indices than of entries");
    }
    for (int i = 0; i < places.length; i++) {
      if (places[i] < 1 || places[i] > vector.length) {
        throw array.invalid("has the index " + places[i] + ", which is outside of it");
      }
      vector[places[i] - 1] = values[i];
    }
    return vector;
  }

  int size() {
    return parts.size();
  }

  /** The vectors by their ids. */
  Map<String, double[]> instances() {
    return instances;
  }

  /** Reads a row's vector; a missing value fails the row. */
  boolean read(Frame frame, int row, double[] vector, Cell cell) {
    for (int i = 0; i < vector.length; i++) {
      Part part = parts.get(i);
      if (part.expression() != null) {
        part.expression().evaluate(frame, row, cell);
      } else {
        frame.values(part.field()).get(row, cell);
      }
      if (!cell.hasValue()) {
        frame.failPrediction(
            row, cell.state == Cell.FAILED ? cell.reason : "a field of its vectors is missing");
        return false;
      }
      if (part.expression() != null) {
        vector[i] = cell.number;
      } else {
        vector[i] = frame.values(part.field()).codes()[row] == part.code() ? 1d : 0d;
      }
    }
    return true;
  }
}
