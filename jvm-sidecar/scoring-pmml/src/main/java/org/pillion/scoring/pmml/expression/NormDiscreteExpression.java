package org.pillion.scoring.pmml.expression;

import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/** {@code NormDiscrete}: 1 where a field has a value, 0 where it has another. */
record NormDiscreteExpression(Field field, int code, ConstantExpression whenMissing)
    implements Expression {
  static NormDiscreteExpression compile(Element element, Scope scope) {
    if (!element.attribute("method", "indicator").equals("indicator")) {
      throw element.unsupported("method");
    }
    Field field = scope.resolve(element, "field");
    String missing = element.attribute("mapMissingTo");
    return new NormDiscreteExpression(
        field,
        field.define(element, "value"),
        missing == null
            ? null
            : ConstantExpression.of(
                element, "mapMissingTo", ValueType.CATEGORICAL_DOUBLE, missing));
  }

  @Override
  public ValueType type() {
    return ValueType.CATEGORICAL_DOUBLE;
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    Values values = frame.values(field);
    if (values.hasValue(row)) {
      result.setBoolean(values.codes()[row] == code);
      return;
    }
    values.get(row, result);
    if (result.state == Cell.MISSING && whenMissing != null) {
      result.set(whenMissing.value());
    }
  }
}
