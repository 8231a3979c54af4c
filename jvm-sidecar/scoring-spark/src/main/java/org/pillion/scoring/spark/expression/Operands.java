package org.pillion.scoring.spark.expression;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.SparkType;

/** The compiled operands of an element; asking for them checks their number and types. */
final class Operands {
  private final Element element;
  private final List<Expression> all;

  Operands(Element element, List<Expression> all) {
    this.element = element;
    this.all = all;
  }

  /** The only one, of any type. */
  Expression only() {
    return exactly(1).get(0);
  }

  /** The only one. */
  Expression only(SparkType type) {
    return of(type).get(0);
  }

  /** As many as there are types, each of its own. */
  List<Expression> of(SparkType... types) {
    exactly(types.length);
    for (int i = 0; i < types.length; i++) {
      require(all.get(i), types[i]);
    }
    return all;
  }

  /** Two of a type. */
  List<Expression> pair(SparkType type) {
    return of(type, type);
  }

  /** Any number of them, of one type. */
  List<Expression> each(SparkType type) {
    all.forEach(operand -> require(operand, type));
    return all;
  }

  /** At least one, all of the type of the first, which is a scalar one. */
  List<Expression> alike() {
    if (all.isEmpty()) {
      throw arity(element);
    }
    SparkType type = all.get(0).type();
    each(type);
    if (!type.isScalar()) {
      throw unsupported(all.get(0));
    }
    return all;
  }

  /** Two of one scalar type. */
  List<Expression> alikePair() {
    alike();
    return exactly(2);
  }

  /** The only one, which is a whole or a floating-point number. */
  Expression number() {
    return number(only());
  }

  /** An operand that must be a whole or a floating-point number. */
  Expression number(Expression operand) {
    if (!operand.type().isFloating() && !operand.type().isWhole()) {
      throw unsupported(operand);
    }
    return operand;
  }

  /** The only one, which is a floating-point number. */
  Expression floating() {
    Expression operand = only();
    if (!operand.type().isFloating()) {
      throw unsupported(operand);
    }
    return operand;
  }

  /** A text first, then texts and arrays of texts. */
  List<Expression> textsAndArrays() {
    if (all.isEmpty()) {
      throw arity(element);
    }
    require(all.get(0), SparkType.STRING);
    for (Expression operand : all) {
      if (operand.type() != SparkType.STRINGS) {
        require(operand, SparkType.STRING);
      }
    }
    return all;
  }

  int count() {
    return all.size();
  }

  private List<Expression> exactly(int count) {
    if (all.size() != count) {
      throw arity(element);
    }
    return all;
  }

  private UnsupportedElement unsupported(Expression operand) {
    return Expressions.unknown(element.name() + " of " + operand.type().text());
  }

  private void require(Expression operand, SparkType type) {
    if (operand.type() != type) {
      throw new InvalidModel(
          "the plan's expression %s has an operand of type %s, not %s"
              .formatted(element.name(), operand.type().text(), type.text()));
    }
  }

  /** A refusal of an element for the number of its operands. */
  static InvalidModel arity(Element element) {
    return new InvalidModel(
        "the plan's expression %s has %d operands"
            .formatted(element.name(), element.children().size()));
  }
}
