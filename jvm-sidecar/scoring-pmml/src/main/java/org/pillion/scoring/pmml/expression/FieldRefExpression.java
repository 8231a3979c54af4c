package org.pillion.scoring.pmml.expression;

import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** {@code FieldRef}: the value of a field. */
record FieldRefExpression(Field field) implements Expression {
  static FieldRefExpression compile(Element element, Scope scope) {
    return new FieldRefExpression(scope.resolve(element, "field"));
  }

  @Override
  public ValueType type() {
    return field.type();
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    frame.values(field).get(row, result);
  }
}
