package org.pillion.scoring.jpmml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jpmml.evaluator.Evaluator;
import org.jpmml.evaluator.EvaluatorUtil;
import org.jpmml.evaluator.FieldValue;
import org.jpmml.evaluator.InputField;
import org.jpmml.model.PMMLException;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/** A document under the interpreter. Holds no state of a call, so any thread may score. */
final class JpmmlScorer implements Scorer {
  private final Evaluator evaluator;
  private final FeatureContract contract;
  private final List<InputField> inputs;

  JpmmlScorer(Evaluator evaluator, FeatureContract contract) {
    this.evaluator = evaluator;
    this.contract = contract;
    this.inputs = List.copyOf(evaluator.getInputFields());
  }

  @Override
  public String engine() {
    return JpmmlEngine.NAME;
  }

  @Override
  public Arithmetic arithmetic() {
    return Arithmetic.JPMML;
  }

  @Override
  public FeatureContract contract() {
    return contract;
  }

  @Override
  public ScoreResult score(ColumnBatch batch) {
    contract.requireSame(batch.contract());
    List<ColumnBuilder> outputs =
        contract.outputs().stream()
            .map(field -> new ColumnBuilder(field.name(), field.type(), batch.rows()))
            .toList();
    List<RowError> errors = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      try {
        append(outputs, scoreRow(batch, row));
      } catch (RowRefused refused) {
        outputs.forEach(ColumnBuilder::addMissing);
        errors.add(refused.error());
      }
    }
    List<Column> columns = outputs.stream().map(ColumnBuilder::build).toList();
    return new ScoreResult(batch.rows(), contract.outputs(), columns, errors);
  }

  /**
   * Evaluates a row without translating its failure.
   *
   * @param row values in the contract's order
   */
  void evaluate(Object[] row) {
    Map<String, FieldValue> arguments = new HashMap<>();
    for (int i = 0; i < row.length; i++) {
      InputField input = inputs.get(i);
      arguments.put(input.getName(), input.prepare(row[i]));
    }
    evaluator.evaluate(arguments);
  }

  private Object[] scoreRow(ColumnBatch batch, int row) throws RowRefused {
    Map<String, FieldValue> arguments = new HashMap<>(2 * inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      InputField input = inputs.get(i);
      Object value = batch.column(i).value(row);
      try {
        arguments.put(input.getName(), input.prepare(value));
      } catch (RuntimeException e) {
        throw new RowRefused(refusedValue(row, input.getName(), value));
      }
    }
    try {
      return results(row, evaluator.evaluate(arguments));
    } catch (RuntimeException e) {
      // JPMML has its own exceptions for most faults of a row, and the JDK's for the others.
      throw new RowRefused(
          new RowError(row, null, null, "the model cannot score this row: " + reason(e)));
    } catch (StackOverflowError e) {
      throw new RowRefused(
          new RowError(row, null, null, "the model refers to itself and cannot score this row"));
    }
  }

  private Object[] results(int row, Map<String, ?> evaluated) throws RowRefused {
    List<OutputField> fields = contract.outputs();
    Object[] values = new Object[fields.size()];
    for (int i = 0; i < values.length; i++) {
      OutputField field = fields.get(i);
      Object value = EvaluatorUtil.decode(result(evaluated, field));
      try {
        values[i] = PmmlTypes.boxed(field.type(), value);
      } catch (IllegalArgumentException e) {
        throw new RowRefused(
            new RowError(
                row,
                field.name(),
                String.valueOf(value),
                "the output '%s' is declared as %s, but came out as '%s'"
                    .formatted(field.name(), field.type().text(), RowError.shown(value))));
      }
    }
    return values;
  }

  /** The prediction for no field has no name with JPMML, or that of a segment's own target. */
  private static Object result(Map<String, ?> evaluated, OutputField field) {
    if (!field.name().equals(OutputField.UNNAMED_TARGET) || evaluated.containsKey(field.name())) {
      return evaluated.get(field.name());
    }
    Object last = null;
    for (Object value : evaluated.values()) {
      last = value;
    }
    return last;
  }

  private static void append(List<ColumnBuilder> outputs, Object[] values) {
    for (int i = 0; i < values.length; i++) {
      outputs.get(i).addBoxed(values[i]);
    }
  }

  private static RowError refusedValue(int row, String field, Object value) {
    if (value == null) {
      return new RowError(row, field, null, "the field '" + field + "' must not be missing");
    }
    return new RowError(
        row,
        field,
        value.toString(),
        "the field '" + field + "' does not accept the value '" + RowError.shown(value) + "'");
  }

  /** JPMML's sentences name fields and values; those of other exceptions may name classes. */
  private static String reason(RuntimeException e) {
    return e instanceof PMMLException && e.getMessage() != null
        ? e.getMessage()
        : "a value is out of range";
  }

  /** Carries a row's error out of its evaluation. */
  private static final class RowRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient RowError error;

    RowRefused(RowError error) {
      super(null, null, false, false);
      this.error = error;
    }

    RowError error() {
      return error;
    }
  }
}
