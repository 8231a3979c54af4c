package org.pillion.scoring.pmml.expression;

import java.util.Locale;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.ValueType;

/** The functions that make a text of a text, in the JVM's locale, as the interpreter does. */
final class CaseExpression extends UnaryExpression {
  enum Change {
    LOWERCASE,
    UPPERCASE,
    TRIMBLANKS;

    static Change of(String function) {
      return valueOf(function.toUpperCase(Locale.ROOT));
    }

    String apply(String text) {
      return switch (this) {
        case LOWERCASE -> text.toLowerCase(Locale.getDefault());
        case UPPERCASE -> text.toUpperCase(Locale.getDefault());
        case TRIMBLANKS -> text.trim();
      };
    }
  }

  private final Change change;

  CaseExpression(Change change, Expression argument) {
    super(ValueType.CATEGORICAL_STRING, argument);
    this.change = change;
  }

  @Override
  void apply(Cell cell) {
    cell.setText(change.apply(cell.text));
  }
}
