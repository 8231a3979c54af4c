package org.pillion.scoring.compiled.pmml;

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
