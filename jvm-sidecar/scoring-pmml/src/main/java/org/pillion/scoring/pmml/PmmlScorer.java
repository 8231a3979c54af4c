package org.pillion.scoring.pmml;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.DocumentEngine;
import org.pillion.scoring.Arithmetic;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Step;

/** A compiled document in the interpreter's arithmetic. Holds no state of a call. */
final class PmmlScorer implements Scorer {
  /** Rows that are scored together, so that their columns stay in the processor's cache. */
  private static final int FRAME_ROWS = 256;

  private final FeatureContract contract;
  private final Step[] steps;
  private final int slots;
  private final List<Field> results;

  /**
   * A scorer.
   *
   * @param results the field of each output, null for one that the interpreter never returns
   */
  PmmlScorer(FeatureContract contract, Step[] steps, int slots, List<Field> results) {
    this.contract = contract;
    this.steps = steps;
    this.slots = slots;
    this.results = results;
  }

  @Override
  public String engine() {
    return DocumentEngine.NAME;
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
    int rows = batch.rows();
    ResultColumn[] columns = new ResultColumn[results.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = new ResultColumn(contract.outputs().get(i).type(), rows);
    }
    List<RowError> errors = new ArrayList<>();
    for (int start = 0; start < rows; start += FRAME_ROWS) {
      Frame frame = new Frame(batch, start, Math.min(FRAME_ROWS, rows - start), slots);
      for (Step step : steps) {
        step.run(frame);
      }
      for (int i = 0; i < columns.length; i++) {
        columns[i].take(frame, results.get(i));
      }
      for (int row = 0; row < frame.rows(); row++) {
        if (frame.isFailed(row)) {
          errors.add(frame.error(row));
        }
      }
    }
    List<Column> built = new ArrayList<>(columns.length);
    for (ResultColumn column : columns) {
      built.add(column.build());
    }
    return new ScoreResult(rows, contract.outputs(), built, errors);
  }
}
