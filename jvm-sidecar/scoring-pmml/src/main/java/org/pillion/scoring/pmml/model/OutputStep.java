package org.pillion.scoring.pmml.model;

import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.Values;

/**
 * The values of an {@code OutputField}.
 *
 * @param label field of the model's predictions
 * @param stopped rows for which asking for it is a failure, or null for none
 */
record OutputStep(Field field, Field label, Field stopped, OutputSource source) implements Step {
  @Override
  public void run(Frame frame) {
    Values values = new Values(field, frame.rows());
    byte[] predicted = frame.values(label).states;
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      boolean unpredicted = source.needsPrediction() && predicted[row] == Cell.MISSING;
      if (!frame.isActive(row) || unpredicted) {
        cell.fail("the field '" + field.name() + "' has no value");
        if (stopped != null && frame.values(stopped).numbers[row] != 0d) {
          frame.failPrediction(row, cell.reason);
        }
      } else {
        source.evaluate(frame, row, label, cell);
        Casting.cast(cell, source.type(label), field.type());
        if (cell.state == Cell.FAILED) {
          frame.failPrediction(row, cell.reason);
        }
      }
      values.set(row, cell);
    }
    frame.put(field, values);
  }
}
