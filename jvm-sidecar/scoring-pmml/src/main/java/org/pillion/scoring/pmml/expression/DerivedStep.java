package org.pillion.scoring.pmml.expression;

import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.Values;

/** {@code DerivedField}: an expression's values, turned into the field's type. */
record DerivedStep(Field field, Expression expression) implements Step {
  @Override
  public void run(Frame frame) {
    Values values = new Values(field, frame.rows());
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      expression.evaluate(frame, row, cell);
      Casting.cast(cell, expression.type(), field.type());
      values.set(row, cell);
    }
    frame.put(field, values);
  }
}
