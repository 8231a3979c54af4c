package org.pillion.scoring.pmml.expression;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/** {@code MapValues} over one column of an inline table. */
record MapValuesExpression(
    ValueType type,
    Field field,
    ConstantExpression[] byCode,
    ConstantExpression otherwise,
    ConstantExpression whenMissing)
    implements Expression {

  static MapValuesExpression compile(Element element, Scope scope) {
    ValueType type = ValueType.categorical(DataType.of(element, "dataType", DataType.STRING));
    List<Element> pairs = element.children("FieldColumnPair");
    if (pairs.size() != 1) {
      throw element.unsupportedUse("it looks up " + pairs.size() + " columns");
    }
    Field field = scope.resolve(pairs.get(0), "field");
    String input = localName(pairs.get(0).require("column"));
    String output = localName(element.require("outputColumn"));
    List<Element> rows = element.requireChild("InlineTable").children("row");
    int[] codes = new int[rows.size()];
    ConstantExpression[] results = new ConstantExpression[codes.length];
    for (int i = 0; i < codes.length; i++) {
      Element row = rows.get(i);
      int before = field.dictionary().size();
      codes[i] = field.define(row, input, row.requireChild(input).value());
      for (int j = 0; j < i && codes[i] < before; j++) {
        if (codes[j] == codes[i]) {
          throw row.unsupportedUse("it looks up the value of another one");
        }
      }
      results[i] = ConstantExpression.of(row, output, type, row.requireChild(output).value());
    }
    ConstantExpression[] byCode = new ConstantExpression[field.dictionary().size()];
    for (int i = 0; i < codes.length; i++) {
      byCode[codes[i]] = results[i];
    }
    return new MapValuesExpression(
        type,
        field,
        byCode,
        DiscretizeExpression.optional(element, "defaultValue", type),
        DiscretizeExpression.optional(element, "mapMissingTo", type));
  }

  private static String localName(String column) {
    return column.substring(column.indexOf(':') + 1);
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    Values values = frame.values(field);
    if (values.hasValue(row)) {
      int code = values.codes()[row];
      ConstantExpression found = code < byCode.length ? byCode[code] : null;
      find(found == null ? otherwise : found, result);
      return;
    }
    values.get(row, result);
    if (result.state == Cell.MISSING && whenMissing != null) {
      result.set(whenMissing.value());
    }
  }

  private static void find(ConstantExpression found, Cell result) {
    if (found == null) {
      result.setMissing();
    } else {
      result.set(found.value());
    }
  }
}
