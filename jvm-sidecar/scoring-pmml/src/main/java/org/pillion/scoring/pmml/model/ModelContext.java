package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Scope;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.MathContext;

/**
 * What the compiler of a model is given.
 *
 * @param element the model
 * @param scope the fields that it sees
 * @param classification whether it predicts a class, else a number or a cluster
 * @param math precision of its own arithmetic
 * @param target what it predicts
 * @param targetNames names of the fields that its schema says it predicts
 * @param keyType type in which it names classes
 * @param probabilities whether its classes' probabilities are asked for, by it or from outside
 * @param plain whether nothing but predictions is asked for, by it or from outside
 * @param output its {@code Output}, or null
 */
record ModelContext(
    Element element,
    Scope scope,
    boolean classification,
    MathContext math,
    Target target,
    List<String> targetNames,
    DataType keyType,
    boolean probabilities,
    boolean plain,
    Element output) {

  /** Makes sure that the model computes in doubles. */
  void requireDoubles() {
    if (math != MathContext.DOUBLE) {
      throw element.unsupported("x-mathContext");
    }
  }

  /** Whether the model is a chain, which predicts what its schema says and nothing else. */
  boolean isChain() {
    return isChain(element);
  }

  static boolean isChain(Element element) {
    Element segmentation = element.child("Segmentation");
    return segmentation != null
        && segmentation.attribute("multipleModelMethod", "").endsWith("odelChain");
  }

  boolean hasOutput() {
    return output != null;
  }

  /** The field that holds the model's predictions. */
  Field label() {
    return scope.program().field("prediction of " + element.name(), target.type());
  }

  /** The type of classes, which must be that of the predictions. */
  DataType requireKeyType() {
    if (keyType != target.type().data()) {
      throw element.unsupportedUse("its classes are of another type than its predictions");
    }
    return keyType;
  }

  void requireNumberTarget() {
    if (!target.type().data().isNumeric()) {
      throw element.unsupportedUse("it predicts a number for a field that holds none");
    }
  }
}
