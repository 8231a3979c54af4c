package org.pillion.scoring.compiled.pmml;

import java.util.Arrays;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.RowError;

/** A run of rows of a batch while it is being scored. */
final class Frame {
  private final ColumnBatch batch;
  private final int start;
  private final int rows;
  private final Values[] slots;
  private final double[][][] probabilities;
  private final RowError[] errors;
  private final boolean[] active;

  /** A cell for whoever needs one for the length of a call. */
  final Cell scratch = new Cell();

  Frame(ColumnBatch batch, int start, int rows, int slots) {
    this.batch = batch;
    this.start = start;
    this.rows = rows;
    this.slots = new Values[slots];
    this.probabilities = new double[slots][][];
    this.errors = new RowError[rows];
    this.active = new boolean[rows];
    Arrays.fill(active, true);
  }

  ColumnBatch batch() {
    return batch;
  }

  /** Position in the batch of the first row. */
  int start() {
    return start;
  }

  int rows() {
    return rows;
  }

  Values values(Field field) {
    return slots[field.slot()];
  }

  void put(Field field, Values values) {
    slots[field.slot()] = values;
  }

  /** The probabilities behind a model's predictions, class by class and row by row. */
  double[][] probabilities(Field label) {
    return probabilities[label.slot()];
  }

  void putProbabilities(Field label, double[][] byClass) {
    probabilities[label.slot()] = byClass;
  }

  /** Whether a row has values in all of some fields. */
  boolean[] complete(Field[] fields) {
    boolean[] complete = new boolean[rows];
    Arrays.fill(complete, true);
    for (Field field : fields) {
      byte[] states = values(field).states;
      for (int row = 0; row < rows; row++) {
        complete[row] &= states[row] <= Cell.INVALID;
      }
    }
    return complete;
  }

  /** Whether the interpreter would get to evaluate the model at hand for a row. */
  boolean isActive(int row) {
    return active[row] && errors[row] == null;
  }

  /** Takes a row out, or in again. */
  void setActive(int row, boolean value) {
    active[row] = value;
  }

  boolean[] activeRows() {
    return active.clone();
  }

  /** Gives up on a row, unless that has happened before. */
  void fail(int row, String field, String value, String message) {
    if (errors[row] == null) {
      errors[row] = new RowError(start + row, field, value, message);
    }
  }

  /** Gives up on a row that the model at hand is evaluated for. */
  void failPrediction(int row, String reason) {
    if (active[row]) {
      fail(row, null, null, "the model cannot score this row: " + reason);
    }
  }

  boolean isFailed(int row) {
    return errors[row] != null;
  }

  RowError error(int row) {
    return errors[row];
  }
}
