package org.pillion.scoring.pmml.model;

import org.pillion.scoring.pmml.expression.Expression;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/** Where an output's values come from. */
interface OutputSource {
  /** Type of the values, before they are turned into the output's type. */
  ValueType type(Field label);

  /** Whether there is no value without a prediction. */
  boolean needsPrediction();

  void evaluate(Frame frame, int row, Field label, Cell result);

  /** What the model predicts. */
  record Predicted() implements OutputSource {
    @Override
    public ValueType type(Field label) {
      return ValueType.natural(label.type().data());
    }

    @Override
    public boolean needsPrediction() {
      return true;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      Values values = frame.values(label);
      if (values.texts != null) {
        result.setText(values.texts[row]);
      } else {
        result.setNumber(values.numbers[row], type(label));
      }
    }
  }

  /** The probability of one class; of none where the index is negative. */
  record Probability(int index) implements OutputSource {
    @Override
    public ValueType type(Field label) {
      return ValueType.CONTINUOUS_DOUBLE;
    }

    @Override
    public boolean needsPrediction() {
      return true;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      double probability = index < 0 ? 0d : frame.probabilities(label)[index][row];
      result.setNumber(probability, ValueType.CONTINUOUS_DOUBLE);
    }
  }

  /** The probability of whichever class is predicted. */
  record PredictedProbability(Categories categories) implements OutputSource {
    @Override
    public ValueType type(Field label) {
      return ValueType.CONTINUOUS_DOUBLE;
    }

    @Override
    public boolean needsPrediction() {
      return true;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      Values values = frame.values(label);
      Object predicted = values.texts != null ? values.texts[row] : (Object) values.numbers[row];
      int index = categories.keys().indexOf(predicted);
      new Probability(index).evaluate(frame, row, label, result);
    }
  }

  /** A result that the model computes beside its prediction. */
  record Result(Field field) implements OutputSource {
    @Override
    public ValueType type(Field label) {
      return ValueType.natural(field.type().data());
    }

    @Override
    public boolean needsPrediction() {
      return true;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      frame.values(field).get(row, result);
    }
  }

  /** An expression over the fields that the model sees. */
  record Transformed(Expression expression) implements OutputSource {
    @Override
    public ValueType type(Field label) {
      return expression.type();
    }

    @Override
    public boolean needsPrediction() {
      return false;
    }

    @Override
    public void evaluate(Frame frame, int row, Field label, Cell result) {
      expression.evaluate(frame, row, result);
    }
  }
}
