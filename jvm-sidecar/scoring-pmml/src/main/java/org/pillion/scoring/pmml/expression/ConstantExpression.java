package org.pillion.scoring.pmml.expression;

import java.util.List;
import java.util.Locale;
import org.pillion.pmml.Element;
import org.pillion.pmml.Numerals;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;

/** {@code Constant}: the same value for every row. */
public record ConstantExpression(ValueType type, Cell value) implements Expression {
  static ConstantExpression compile(Element element) {
    if (element.attribute("missing", "false").equals("true")) {
      throw element.unsupported("missing");
    }
    String text = element.value();
    DataType data = DataType.of(element, "dataType", natural(text));
    if (text.isEmpty() && data != DataType.STRING) {
      throw element.unsupportedUse("it has no value");
    }
    return of(element, "text", data, text);
  }

  /** The type that a text looks like. */
  private static DataType natural(String text) {
    if (List.of("nan", "inf", "-inf").contains(text.toLowerCase(Locale.ROOT))) {
      return DataType.DOUBLE;
    }
    try {
      if (text.contains(".")) {
        Double.parseDouble(text);
        return DataType.DOUBLE;
      }
      Long.parseLong(text);
      return DataType.INTEGER;
    } catch (NumberFormatException e) {
      return DataType.STRING;
    }
  }

  /** The value that a text spells, as a constant of its type's natural kind. */
  static ConstantExpression of(Element element, String what, DataType data, String text) {
    return of(element, what, ValueType.natural(data), text);
  }

  static ConstantExpression of(Element element, String what, ValueType type, String text) {
    Cell cell = new Cell();
    try {
      if (type.data() == DataType.STRING) {
        cell.setText(text);
      } else if (type.data() == DataType.BOOLEAN || type.data() == DataType.INTEGER) {
        cell.setNumber(Casting.parse(text, type.data()), type);
      } else {
        // A document's own numbers are finite; only rows bring others.
        Numerals.finite(text);
        cell.setNumber(Casting.parse(text, type.data()), type);
      }
    } catch (IllegalArgumentException e) {
      throw element.invalid(
          "has the %s '%s', which is no value of type %s"
              .formatted(what, Element.shorten(text), Casting.name(type.data())));
    }
    return new ConstantExpression(type, cell);
  }

  @Override
  public void evaluate(Frame frame, int row, Cell result) {
    result.set(value);
  }
}
