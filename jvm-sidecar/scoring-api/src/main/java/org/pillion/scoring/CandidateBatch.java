package org.pillion.scoring;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * A request's context and its candidates: one column per input of a contract, in the contract's
 * order, with one value where the input is of the context, and with one per candidate otherwise.
 *
 * <p>Candidates may be resident items, named by their rows. Columns of theirs are taken when they
 * are asked for.
 */
public final class CandidateBatch {
  /** Nobody changes a batch's set. */
  private static final BitSet NONE = new BitSet();

  private final FeatureContract contract;
  private final int rows;

  /** Null where the resident items have the column, and nobody has asked for it. */
  private final Column[] columns;

  private final BitSet context;

  /** Null where the candidates are no resident items. */
  private final ItemRows items;

  private CandidateBatch(
      FeatureContract contract, int rows, Column[] columns, BitSet context, ItemRows items) {
    this.contract = contract;
    this.rows = rows;
    this.columns = columns;
    this.context = context;
    this.items = items;
  }

  /** A builder for a batch of a number of candidates. */
  public static Builder builder(FeatureContract contract, int rows) {
    return new Builder(contract, rows);
  }

  /** Full rows, which have no context in common. */
  public static CandidateBatch of(ColumnBatch batch) {
    return new CandidateBatch(batch.contract(), batch.rows(), batch.array(), NONE, null);
  }

  /** All items without a context: of the columns, those that items give. */
  public static CandidateBatch of(ItemColumns items) {
    int inputs = items.contract().inputs().size();
    ItemRows all = ItemRows.all(ResidentItems.of(items));
    return new CandidateBatch(items.contract(), items.rows(), new Column[inputs], NONE, all);
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

  /** The resident items that the candidates are, or null where they are none. */
  public ItemRows items() {
    return items;
  }

  /**
   * The column of the input at a position of the contract: one value where it is of the context,
   * {@link #rows()} otherwise.
   */
  public Column column(int position) {
    if (columns[position] == null) {
      // Two threads that ask at once take the same values.
      columns[position] = items.take(position);
    }
    return columns[position];
  }

  /** The full rows: the context is repeated for every candidate. */
  public ColumnBatch expand() {
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    for (int i = 0; i < columns.length; i++) {
      String name = contract.inputs().get(i).name();
      batch.add(name, context.get(i) ? columns[i].repeat(rows) : column(i));
    }
    return batch.build();
  }

  /** The candidates from one position to before another, with the same context. */
  public CandidateBatch slice(int from, int to) {
    return pick(IntStream.range(from, to).toArray(), items == null ? null : items.slice(from, to));
  }

  /** Some of the candidates, in the order given, with the same context. */
  public CandidateBatch pick(int[] candidates) {
    return pick(candidates, items == null ? null : items.pick(candidates));
  }

  private CandidateBatch pick(int[] candidates, ItemRows some) {
    Column[] part = new Column[columns.length];
    for (int i = 0; i < part.length; i++) {
      boolean given = columns[i] != null && (some == null || !some.columns().has(i));
      part[i] = context.get(i) ? columns[i] : given ? columns[i].take(candidates) : null;
    }
    return new CandidateBatch(contract, candidates.length, part, context, some);
  }

  /** The full rows of some of the candidates, in the order given. */
  public ColumnBatch take(int[] candidates) {
    return pick(candidates).expand();
  }

  /** Collects the columns of a batch and checks each against the contract. */
  public static final class Builder {
    private final ColumnBatch.Builder columns;
    private final FeatureContract contract;
    private final int rows;
    private final BitSet context = new BitSet();
    private ItemRows items;

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
     * Takes the candidates from resident items, which give the other fields.
     *
     * @param rows the items' rows, one a candidate; an item may come more than once
     * @throws InvalidInput when they are for another model, or there are no such rows, or other
     *     than the batch has
     */
    public Builder items(ResidentItems items, int[] rows) {
      return items(ItemRows.of(items, rows));
    }

    /**
     * The same for all resident items, in their order.
     *
     * @throws InvalidInput when they are for another model, or other than the batch has rows
     */
    public Builder items(ResidentItems items) {
      return items(ItemRows.all(items));
    }

    private Builder items(ItemRows some) {
      contract.requireSame(some.columns().contract());
      if (some.count() != rows) {
        throw new InvalidInput(
            "%d items are named, but the batch has %d rows".formatted(some.count(), rows));
      }
      this.items = some;
      return this;
    }

    /**
     * The batch.
     *
     * @throws InvalidInput naming the fields without a column, or one that resident items give as
     *     well
     */
    public CandidateBatch build() {
      Column[] built = columns.given();
      for (int i = 0; i < built.length && items != null; i++) {
        if (built[i] != null && items.columns().has(i)) {
          String name = contract.inputs().get(i).name();
          throw new InvalidInput(
              name, "the field '" + name + "' is given twice: the resident items have it as well");
        }
      }
      columns.requireAll(items == null ? NONE : items.columns().inputs());
      return new CandidateBatch(contract, rows, built, (BitSet) context.clone(), items);
    }
  }
}
