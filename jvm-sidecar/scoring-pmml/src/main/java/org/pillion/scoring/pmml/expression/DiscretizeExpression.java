package org.pillion.scoring.pmml.expression;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Interval;
import org.pillion.scoring.pmml.field.ValueType;

/** {@code Discretize}: the name of the interval that a field's value lies in. */
public record DiscretizeExpression(
    ValueType type,
    Field field,
    Interval[] bins,
    ConstantExpression[] results,
    ConstantExpression otherwise,
    ConstantExpression whenMissing)
    implements Expression {

  static DiscretizeExpression compile(Element element, Scope scope) {
    ValueType type = ValueType.categorical(DataType.of(element, "dataType", DataType.STRING));
    Field field = scope.resolve(element, "field");
    if (!field.type().data().isNumeric()) {
      throw element.unsupportedUse("the field '" + field.name() + "' is not a number");
    }
    List<Element> children = element.children("DiscretizeBin");
    Interval[] bins = new Interval[children.size()];
    ConstantExpression[] results = new ConstantExpression[bins.length];
    for (int i = 0; i < bins.length; i++) {
      Element bin = children.get(i);
      bins[i] = Interval.compile(bin.requireChild("Interval"));
      for (int j = 0; j < i; j++) {
        if (bins[i].overlaps(bins[j])) {
          throw bin.unsupportedUse("it overlaps with another one");
        }
      }
      results[i] = ConstantExpression.of(bin, "binValue", type, bin.require("binValue"));
    }
    return new DiscretizeExpression(
        type,
        field,
        bins,
        results,
        optional(element, "defaultValue", type),
        optional(element, "mapMissingTo", type));
  }

  public static ConstantExpression optional(Element element, String attribute, ValueType type) {
    String value = element.attribute(attribute);
    return value == null ? null : ConstantExpression.of(element, attribute, type, value);
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    frame.values(field).get(row, result);
    if (result.hasValue()) {
      find(result.number, result);
    } else if (result.state == Cell.MISSING && whenMissing != null) {
      result.set(whenMissing.value());
    }
  }

  private void find(double value, Cell result) {
    for (int i = 0; i < bins.length; i++) {
      if (bins[i].contains(value)) {
        result.set(results[i].value());
        return;
      }
    }
    if (otherwise == null) {
      result.setMissing();
    } else {
      result.set(otherwise.value());
    }
  }
}
