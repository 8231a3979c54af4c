package org.pillion.scoring.pmml.field;

import java.util.Arrays;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.RowError;

/** A run of rows of a batch while it is being scored. */
public final class Frame {
  private final ColumnBatch batch;
  private final int start;
  private final int rows;
  private final Values[] slots;
  private final double[][][] probabilities;
  private final RowError[] errors;
  private final boolean[] active;

  /** A scratch cell, valid during one call. */
  public final Cell scratch = new Cell();

  public Frame(ColumnBatch batch, int start, int rows, int slots) {
    this.batch = batch;
    this.start = start;
    this.rows = rows;
    this.slots = new Values[slots];
    this.probabilities = new double[slots][][];
    this.errors = new RowError[rows];
    this.active = new boolean[rows];
    Arrays.fill(active, true);
  }

  public ColumnBatch batch() {
    return batch;
  }

  /** Position in the batch of the first row. */
  public int start() {
    return start;
  }

  public int rows() {
    return rows;
  }

  public Values values(Field field) {
    return slots[field.slot()];
  }

  public void put(Field field, Values values) {
    slots[field.slot()] = values;
  }

  /** The probabilities behind a model's predictions, class by class and row by row. */
  public double[][] probabilities(Field label) {
    return probabilities[label.slot()];
  }

  public void putProbabilities(Field label, double[][] byClass) {
    probabilities[label.slot()] = byClass;
  }

  /** Whether a row has values in all of some fields. */
  public boolean[] complete(Field[] fields) {
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

  /** Whether the interpreter would evaluate the current model for a row. */
  public boolean isActive(int row) {
    return active[row] && errors[row] == null;
  }

  /** Takes a row out, or in again. */
  public void setActive(int row, boolean value) {
    active[row] = value;
  }

  public boolean[] activeRows() {
    return active.clone();
  }

  /** Fails a row, unless it has failed before. */
  public void fail(int row, String field, String value, String message) {
    if (errors[row] == null) {
      errors[row] = new RowError(start + row, field, value, message);
    }
  }

  /** Fails a row for which the current model is evaluated. */
  public void failPrediction(int row, String reason) {
    if (active[row]) {
      fail(row, null, null, "the model cannot score this row: " + reason);
    }
  }

  public boolean isFailed(int row) {
    return errors[row] != null;
  }

  public RowError error(int row) {
    return errors[row];
  }
}
