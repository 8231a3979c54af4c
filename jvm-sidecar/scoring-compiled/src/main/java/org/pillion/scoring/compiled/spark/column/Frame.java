package org.pillion.scoring.compiled.spark.column;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.RowError;

/** The columns of one batch while a plan runs, and the rows that failed so far. */
public final class Frame {
  private final ColumnBatch batch;
  private final Values[] slots;
  private final int[][] roots;
  private final int rows;
  private RowError[] errors;

  /**
   * A frame without columns.
   *
   * @param roots per slot, the inputs of the batch that its values are made of
   */
  public Frame(ColumnBatch batch, int[][] roots) {
    this.batch = batch;
    this.slots = new Values[roots.length];
    this.roots = roots;
    this.rows = batch.rows();
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** The batch that is scored. */
  public ColumnBatch batch() {
    return batch;
  }

  /** The column in a slot. */
  public Values get(int slot) {
    return slots[slot];
  }

  /** The column in a slot of a floating-point type. */
  public Numbers numbers(int slot) {
    return (Numbers) slots[slot];
  }

  /** The column in a slot of type vector. */
  public Vectors vectors(int slot) {
    return (Vectors) slots[slot];
  }

  /** Fills a slot. */
  public void set(int slot, Values values) {
    slots[slot] = values;
  }

  /** Whether a row has failed. */
  public boolean failed(int row) {
    return errors != null && errors[row] != null;
  }

  /** Whether any row has failed. */
  public boolean anyFailed() {
    return errors != null;
  }

  /**
   * Marks a row as failed, unless it is already.
   *
   * @param slot the column whose value is to blame; the message names an input that it is made of
   * @param reason why, as an ending of a sentence that begins with that input
   */
  public void fail(int row, int slot, String reason) {
    if (errors == null) {
      errors = new RowError[rows];
    }
    if (errors[row] == null) {
      errors[row] = error(row, roots[slot], reason);
    }
  }

  /** The rows that failed, in order. */
  public List<RowError> errors() {
    List<RowError> list = new ArrayList<>();
    if (errors != null) {
      for (RowError error : errors) {
        if (error != null) {
          list.add(error);
        }
      }
    }
    return list;
  }

  private RowError error(int row, int[] inputs, String reason) {
    int input = suspect(row, inputs);
    if (input < 0) {
      return new RowError(row, null, null, "the row " + reason);
    }
    String field = batch.contract().inputs().get(input).name();
    Object value = batch.column(input).value(row);
    String text = value == null ? null : value.toString();
    return new RowError(
        row,
        field,
        text,
        "the field '%s' is %s: %s"
            .formatted(field, text == null ? "missing" : "'" + RowError.shown(text) + "'", reason));
  }

  /** Missing values first, then NaN and infinities, then the first input; −1 without inputs. */
  private int suspect(int row, int[] inputs) {
    for (int input : inputs) {
      if (batch.column(input).isMissing(row)) {
        return input;
      }
    }
    for (int input : inputs) {
      if (batch.column(input) instanceof Column.Doubles d && !Double.isFinite(d.values()[row])
          || batch.column(input) instanceof Column.Floats f && !Float.isFinite(f.values()[row])) {
        return input;
      }
    }
    return inputs.length == 0 ? -1 : inputs[0];
  }
}
