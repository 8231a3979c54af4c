package org.pillion.scoring.spark.column;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.RowError;

/**
 * The columns of one batch while a plan runs, and the rows that failed so far.
 *
 * <p>A frame of candidates extends the frame of their context, which has one row: it repeats that
 * row for every candidate.
 */
public final class Frame {
  private static final int[] NO_ROWS = {};

  private final CandidateBatch batch;
  private final Values[] slots;
  private final int[][] roots;
  private final BitSet needed;
  private final int rows;
  private final Frame context;
  private RowError[] errors;
  private boolean declined;
  private BitSet declinedRows;

  /**
   * A frame without columns, for a batch that has no context.
   *
   * @param roots per slot, the inputs of the batch that its values are made of
   * @param needed the slots that are read by a kernel or an output
   */
  public Frame(CandidateBatch batch, int[][] roots, BitSet needed) {
    this(batch, roots, needed, batch.rows(), null);
  }

  private Frame(CandidateBatch batch, int[][] roots, BitSet needed, int rows, Frame context) {
    this.batch = batch;
    this.slots = new Values[roots.length];
    this.roots = roots;
    this.needed = needed;
    this.rows = rows;
    this.context = context;
  }

  /** A frame without columns for the context of a batch: one row. */
  public static Frame ofContext(CandidateBatch batch, int[][] roots, BitSet needed) {
    return new Frame(batch, roots, needed, 1, null);
  }

  /**
   * A frame for candidates; this frame holds their context.
   *
   * @param candidates the batch, or a part of it
   */
  public Frame candidates(CandidateBatch candidates) {
    return new Frame(candidates, roots, needed, candidates.rows(), this);
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** The batch that is scored. */
  public CandidateBatch batch() {
    return batch;
  }

  /** The column in a slot. */
  public Values get(int slot) {
    if (slots[slot] == null && context != null) {
      slots[slot] = context.get(slot).repeat(rows);
    }
    return slots[slot];
  }

  /** A column of the context, with its one row, or null for a column of the candidates. */
  public Values shared(int slot) {
    return context == null ? null : context.slots[slot];
  }

  /** The column in a slot: of one row where it is of the context, which all rows share. */
  public Values unrepeated(int slot) {
    Values shared = shared(slot);
    return shared == null ? get(slot) : shared;
  }

  /** The column in a slot of a floating-point type. */
  public DoubleColumn doubles(int slot) {
    return (DoubleColumn) get(slot);
  }

  /** The column in a slot of type vector. */
  public VectorColumn vectors(int slot) {
    return (VectorColumn) get(slot);
  }

  /** The column in a slot of type strings. */
  public StringArrayColumn stringArrays(int slot) {
    return (StringArrayColumn) get(slot);
  }

  /** Whether anything reads a slot, so that it has to be filled. */
  public boolean needs(int slot) {
    return needed.get(slot);
  }

  /** Fills a slot. */
  public void set(int slot, Values values) {
    slots[slot] = values;
  }

  /** Whether a row has failed. */
  public boolean failed(int row) {
    return errors != null && errors[row] != null;
  }

  /** Says that a kernel cannot compute this frame, and that no other one may run. */
  public void decline() {
    declined = true;
  }

  /** Whether a kernel could not compute this frame. */
  public boolean isDeclined() {
    return declined;
  }

  /** Says that a kernel cannot compute a row of this frame, whatever other ones make of it. */
  public void decline(int row) {
    declinedRows = declinedRows == null ? new BitSet(rows) : declinedRows;
    declinedRows.set(row);
    declined = declinedRows.cardinality() == rows;
  }

  /** The rows that a kernel could not compute, while it could others. */
  public int[] declinedRows() {
    return declinedRows == null ? NO_ROWS : declinedRows.stream().toArray();
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
    return errors == null ? List.of() : Stream.of(errors).filter(Objects::nonNull).toList();
  }

  private RowError error(int row, int[] inputs, String reason) {
    int input = suspect(row, inputs);
    if (input < 0) {
      return new RowError(row, null, null, "the row " + reason);
    }
    String field = batch.contract().inputs().get(input).name();
    Object value = batch.column(input).value(index(row, input));
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
      if (batch.column(input).isMissing(index(row, input))) {
        return input;
      }
    }
    for (int input : inputs) {
      Column column = batch.column(input);
      int index = index(row, input);
      if (column instanceof Column.Doubles d && !Double.isFinite(d.values()[index])
          || column instanceof Column.Floats f && !Float.isFinite(f.values()[index])) {
        return input;
      }
    }
    return inputs.length == 0 ? -1 : inputs[0];
  }

  /** The index of a row's value in an input's column. */
  private int index(int row, int input) {
    return batch.isContext(input) ? 0 : row;
  }
}
