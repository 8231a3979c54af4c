package org.pillion.scoring;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * A request's context and its candidates: one column per input of a contract, in the contract's
 * order, with one value where the input is of the context, and with one per candidate otherwise.
 */
public final class CandidateBatch {
  /** Nobody changes a batch's set. */
  private static final BitSet NONE = new BitSet();

  private final FeatureContract contract;
  private final int rows;
  private final Column[] columns;
  private final BitSet context;

  private CandidateBatch(FeatureContract contract, int rows, Column[] columns, BitSet context) {
    this.contract = contract;
    this.rows = rows;
    this.columns = columns;
    this.context = context;
  }

  /** A builder for a batch of a number of candidates. */
  public static Builder builder(FeatureContract contract, int rows) {
    return new Builder(contract, rows);
  }

  /** Full rows, which have no context in common. */
  public static CandidateBatch of(ColumnBatch batch) {
    return new CandidateBatch(batch.contract(), batch.rows(), batch.array(), NONE);
  }

  /** The contract that this batch fits. */
  public FeatureContract contract() {
    return contract;
  }

  /** Number of candidates. */
  public int rows() {
    return rows;
  }

  /** Whether the input at a position of the contract is of the context. */
  public boolean isContext(int position) {
    return context.get(position);
  }

  /** The inputs that are of the context, as positions in the contract. */
  public BitSet context() {
    return (BitSet) context.clone();
  }

  /**
   * The column of the input at a position of the contract: one value where it is of the context,
   * {@link #rows()} otherwise.
   */
  public Column column(int position) {
    return columns[position];
  }

  /** The full rows: the context is repeated for every candidate. */
  public ColumnBatch expand() {
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    for (int i = 0; i < columns.length; i++) {
      String name = contract.inputs().get(i).name();
      batch.add(name, context.get(i) ? columns[i].repeat(rows) : columns[i]);
    }
    return batch.build();
  }

  /** The candidates from one position to before another, with the same context. */
  public CandidateBatch slice(int from, int to) {
    Column[] part = new Column[columns.length];
    int[] rows = IntStream.range(from, to).toArray();
    for (int i = 0; i < part.length; i++) {
      part[i] = context.get(i) ? columns[i] : columns[i].take(rows);
    }
    return new CandidateBatch(contract, rows.length, part, context);
  }

  /** The full rows of some of the candidates, in the order given. */
  public ColumnBatch take(int[] candidates) {
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, candidates.length);
    for (int i = 0; i < columns.length; i++) {
      String name = contract.inputs().get(i).name();
      batch.add(
          name,
          context.get(i) ? columns[i].repeat(candidates.length) : columns[i].take(candidates));
    }
    return batch.build();
  }

  /** Collects the columns of a batch and checks each against the contract. */
  public static final class Builder {
    private final ColumnBatch.Builder columns;
    private final FeatureContract contract;
    private final int rows;
    private final BitSet context = new BitSet();

    private Builder(FeatureContract contract, int rows) {
      this.columns = ColumnBatch.builder(contract, rows);
      this.contract = contract;
      this.rows = rows;
    }

    /**
     * Adds a field of the context.
     *
     * @param column its one value
     * @throws InvalidInput when the field is unknown or already there, or the column has another
     *     type than the contract asks for, or another length than 1
     */
    public Builder context(String name, Column column) {
      if (column.rows() != 1) {
        throw new InvalidInput(
            name,
            "the field '%s' is of the context, so it has 1 value, not %d"
                .formatted(name, column.rows()));
      }
      context.set(columns.put(name, column));
      return this;
    }

    /**
     * Adds a field of the candidates.
     *
     * @throws InvalidInput when the field is unknown or already there, or the column has another
     *     type or length than the contract and the batch ask for
     */
    public Builder candidates(String name, Column column) {
      columns.add(name, column);
      return this;
    }

    /**
     * The batch.
     *
     * @throws InvalidInput naming the fields without a column
     */
    public CandidateBatch build() {
      Column[] built = columns.build().columns().toArray(new Column[0]);
      return new CandidateBatch(contract, rows, built, (BitSet) context.clone());
    }
  }
}
