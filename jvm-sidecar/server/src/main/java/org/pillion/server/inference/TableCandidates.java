package org.pillion.server.inference;

import java.util.Map;
import java.util.function.Consumer;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.Shortlist;
import org.pillion.server.errors.RequestException;
import org.pillion.server.limits.Deadline;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.Tensor;

/** The candidates of one request from a table, and after them those that the request describes. */
final class TableCandidates {
  private final InputRules rules;
  private final FeatureContract contract;
  private final Map<String, Tensor> inputs;
  private final Map<String, Tensor> defaults;
  private final TableItems items;
  private CandidateNames names;

  /** Gives the batch its items, where nothing of theirs is changed for the request. */
  private Consumer<CandidateBatch.Builder> resident = batch -> {};

  /**
   * No candidates yet.
   *
   * @param inputs those of the request; the table's are put beside them where they are changed
   * @param defaults what stands in where an item has no value, by input
   */
  TableCandidates(
      InputRules rules,
      Map<String, Tensor> inputs,
      Map<String, Tensor> defaults,
      TableItems items) {
    this.rules = rules;
    this.contract = rules.contract();
    this.inputs = inputs;
    this.defaults = defaults;
    this.items = items;
  }

  /** How many there are. */
  int count() {
    return names.count();
  }

  /** Gives a batch the items of which the inputs have nothing. */
  void addTo(CandidateBatch.Builder batch) {
    resident.accept(batch);
  }

  /**
   * Takes the candidates.
   *
   * @param named which of the table
   * @param described names of the candidates that the request describes; null for none
   * @param deadline until when a first phase may take its time
   * @return what the candidates are called
   * @throws InvalidInput when candidates are described without names, or an item is unknown
   */
  CandidateNames take(NamedItems named, Column described, Deadline deadline) {
    int own = described == null ? 0 : described.rows();
    Shortlist shortlist = shortlist(named, deadline);
    int[] rows = shortlist == null ? named.rows(items) : shortlist.rows();
    if (own > 0 && described.type() != items.table().idType()) {
      throw new InvalidInput(
          "'items' are of another type than the ids of the items that are named");
    }
    ItemColumns columns = items.items().columns();
    boolean filled = false;
    for (int i = 0; i < contract.inputs().size(); i++) {
      if (columns.has(i)) {
        String name = contract.inputs().get(i).name();
        requireFromItems(name, own);
        filled |= defaults.containsKey(name) && !columns.column(i).isComplete();
      }
    }
    if (own > 0 || filled) {
      for (int i = 0; i < contract.inputs().size(); i++) {
        if (columns.has(i)) {
          take(contract.inputs().get(i).name(), columns.column(i), rows, own);
        }
      }
    } else {
      resident =
          shortlist == null && named.areAll(rows, items)
              ? batch -> batch.items(items.items())
              : batch -> batch.items(items.items(), rows);
    }
    for (Tensor tensor : inputs.values()) {
      int count = tensor.isContext() ? 1 : tensor.column().rows();
      if (!tensor.isContext() && count != rows.length + own) {
        throw new InvalidInput(
            tensor.name(),
            "the input '%s' has %d values, but there are %d candidates"
                .formatted(tensor.name(), count, rows.length + own));
      }
    }
    names = CandidateNames.of(items.table(), rows, described, shortlist);
    return names;
  }

  /**
   * What a first phase picks; null where none is asked for, or the user has no vector.
   *
   * @throws RequestException when it had no time to look at any item: nothing picked would read as
   *     a user to whom nothing is left
   */
  private Shortlist shortlist(NamedItems named, Deadline deadline) {
    FirstPhase phase = named.firstPhase();
    if (phase == null) {
      return null;
    }
    int[] elements = FirstPhase.elements(contract, phase.user());
    float[] user = new float[elements.length];
    for (int i = 0; i < user.length; i++) {
      String name = contract.inputs().get(elements[i]).name();
      Tensor given = inputs.get(name);
      if (given == null || !given.isContext()) {
        throw new InvalidInput(
            name,
            "the element '%s' of the user's vector is not given in the context".formatted(name));
      }
      given.requireOne();
      if (!(given.column().value(0) instanceof Number number)
          || !Float.isFinite(number.floatValue())) {
        return null;
      }
      user[i] = number.floatValue();
    }
    Shortlist found =
        items.vectors().pick(phase.item(), user, named.most(), named.without(items), deadline);
    if (found.seen() == 0) {
      throw new RequestException(
          RequestException.Kind.TOO_LATE,
          "the deadline passed before the first phase had looked at an item");
    }
    return found;
  }

  /** Refuses an input that both the items and the request give, or that described ones lack. */
  private void requireFromItems(String name, int own) {
    Tensor given = inputs.get(name);
    if (given != null && given.isContext()) {
      throw new InvalidInput(
          name,
          "the input '%s' is of the context, but the model's item table has it as well"
              .formatted(name));
    }
    if (given != null && own == 0) {
      throw new InvalidInput(
          name, "the candidates are given twice: by their ids, and by the input '" + name + "'");
    }
    if (given == null && own > 0) {
      throw new InvalidInput(
          name, "'items' has %d candidates, but no values of the input '%s'".formatted(own, name));
    }
  }

  /** Takes an input from the table, and from the request what it describes beyond. */
  private void take(String name, Column column, int[] rows, int own) {
    Tensor given = inputs.get(name);
    ColumnBuilder values =
        new ColumnBuilder(name, column.type(), rows.length + own, rules.memory());
    values.addAll(column.take(rows));
    if (given != null) {
      if (given.column().rows() != own) {
        throw new InvalidInput(
            name,
            "the input '%s' has %d values, but 'items' has %d"
                .formatted(name, given.column().rows(), own));
      }
      values.addAll(given.column());
    }
    Column taken = values.build();
    Tensor substitute = defaults.get(name);
    if (substitute != null) {
      substitute.requireOne();
      taken = filled(name, taken, substitute.column());
    }
    inputs.put(name, new Tensor(name, taken, Tensor.Role.ROWS));
  }

  /** The column with a default in place of what is missing. */
  private Column filled(String name, Column column, Column substitute) {
    if (column.isComplete()) {
      return column;
    }
    ColumnBuilder values = new ColumnBuilder(name, column.type(), column.rows(), rules.memory());
    for (int row = 0; row < column.rows(); row++) {
      values.addBoxed(column.isMissing(row) ? substitute.value(0) : column.value(row));
    }
    return values.build();
  }
}
