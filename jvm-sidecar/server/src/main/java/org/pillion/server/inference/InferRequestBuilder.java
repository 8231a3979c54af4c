package org.pillion.server.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.Shortlist;
import org.pillion.server.limits.Deadline;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.Tensor;
import org.pillion.server.text.Truncated;

/** Builds an inference request from what a transport reads, in whatever order it comes. */
public final class InferRequestBuilder {
  public static final String ON_ROW_ERROR = "on_row_error";

  /** Whether inputs that the version does not have are left aside. */
  public static final String UNKNOWN_INPUTS = "unknown_inputs";

  private static final String FAIL = "fail";

  /** Before a tensor's name, for clients that give no parameters to a tensor. */
  private static final String MISSING_ROWS_OF = MissingRows.PARAMETER + ":";

  private final InputRules rules;
  private final FeatureContract contract;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, Tensor> defaults = new HashMap<>();
  private final List<Integer> outputs = new ArrayList<>();
  private final Map<String, String> missingRows = new HashMap<>();
  private String id;
  private boolean nullOnRowError;
  private boolean ignoresUnknown;

  /** How many candidates there are, where a table has them; -1 where inputs tell. */
  private int candidates = -1;

  /** Gives the batch its items, where nothing of theirs is changed for the request. */
  private Consumer<CandidateBatch.Builder> resident = batch -> {};

  /** The first input that the model does not have, or null. */
  private String unknown;

  public InferRequestBuilder(InputRules rules) {
    this.rules = rules;
    this.contract = rules.contract();
  }

  public void id(String id) {
    this.id = id;
  }

  /**
   * Adds a parameter of the request; unknown ones are ignored.
   *
   * @param text its text, or null where it is not a string
   * @throws InvalidInput when it is known and has another value than it may have
   */
  public void parameter(String key, String text) {
    boolean isMissingRows = key.startsWith(MISSING_ROWS_OF);
    boolean known = isMissingRows || key.equals(ON_ROW_ERROR) || key.equals(UNKNOWN_INPUTS);
    if (known && text == null) {
      throw new InvalidInput("the parameter '" + Truncated.of(key) + "' is not a string");
    }
    if (key.equals(ON_ROW_ERROR)) {
      nullOnRowError = isSet(key, text, "null");
    } else if (key.equals(UNKNOWN_INPUTS)) {
      ignoresUnknown = isSet(key, text, "ignore");
    } else if (isMissingRows) {
      missingRows.put(key.substring(MISSING_ROWS_OF.length()), text);
    }
  }

  private static boolean isSet(String key, String value, String set) {
    if (!value.equals(set) && !value.equals(FAIL)) {
      throw new InvalidInput(
          "the parameter '%s' is '%s' or '%s', not '%s'"
              .formatted(key, set, FAIL, Truncated.of(value)));
    }
    return value.equals(set);
  }

  /**
   * Whether an input is to be read: the model has it, and it did not come before.
   *
   * @param role what its values are for
   * @throws InvalidInput when it did
   */
  public boolean takes(String name, Tensor.Role role) {
    if (of(role).containsKey(name)) {
      throw new InvalidInput(name, "the field '" + name + "' is given twice");
    }
    boolean known = rules.has(name);
    if (!known && unknown == null) {
      unknown = name;
    }
    return known;
  }

  /** Adds an input that it takes. */
  public void add(Tensor input) {
    of(input.role()).put(input.name(), input);
  }

  private Map<String, Tensor> of(Tensor.Role role) {
    return role == Tensor.Role.DEFAULT ? defaults : inputs;
  }

  /**
   * Adds a requested output.
   *
   * @throws InvalidInput when there is none of the name, or it was added before
   */
  public void want(String name) {
    if (name == null) {
      throw new InvalidInput("an item of 'outputs' has no name");
    }
    List<String> known = contract.outputs().stream().map(OutputField::name).toList();
    int position = known.indexOf(name);
    if (position < 0) {
      throw new InvalidInput(name, "the model has no output '" + Truncated.of(name) + "'");
    }
    if (outputs.contains(position)) {
      throw new InvalidInput(name, "the output '" + name + "' is asked for twice");
    }
    outputs.add(position);
  }

  /**
   * Takes the candidates from a table, and after them those that the request describes.
   *
   * @param named which of the table
   * @param described names of the candidates that the request describes; null for none
   * @param deadline until when a first phase may take its time
   * @return what the candidates are called
   * @throws InvalidInput when candidates are described without names, or an item is unknown
   */
  public CandidateNames candidates(
      TableItems items, NamedItems named, Column described, Deadline deadline) {
    int own = described == null ? 0 : described.rows();
    Shortlist shortlist = shortlist(items, named, deadline);
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
    candidates = rows.length + own;
    return CandidateNames.of(items.table(), rows, described, shortlist);
  }

  /** What a first phase picks; null where none is asked for, or the user has no vector. */
  private Shortlist shortlist(TableItems items, NamedItems named, Deadline deadline) {
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
      requireOne(given);
      if (!(given.column().value(0) instanceof Number number)
          || !Float.isFinite(number.floatValue())) {
        return null;
      }
      user[i] = number.floatValue();
    }
    return items.vectors().pick(phase.item(), user, named.most(), named.without(items), deadline);
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
      requireOne(substitute);
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

  /**
   * The request.
   *
   * @throws InvalidInput when the inputs are not those of the model
   */
  public InferRequest build() {
    if (unknown != null && !ignoresUnknown) {
      throw InputRules.unknown(unknown);
    }
    // A model of constants takes no input, and then there is nothing to count rows by.
    int rows =
        candidates >= 0
            ? candidates
            : inputs.values().stream()
                .filter(tensor -> !tensor.isContext())
                .mapToInt(tensor -> tensor.column().rows())
                .findFirst()
                .orElse(1);
    missingRows.forEach(this::markMissing);
    CandidateBatch.Builder batch = CandidateBatch.builder(contract, rows);
    for (Tensor tensor : inputs.values()) {
      if (tensor.isContext()) {
        requireOne(tensor);
        batch.context(tensor.name(), tensor.column());
      } else {
        batch.candidates(tensor.name(), tensor.column());
      }
    }
    List<Integer> wanted =
        outputs.isEmpty()
            ? IntStream.range(0, contract.outputs().size()).boxed().toList()
            : List.copyOf(outputs);
    resident.accept(batch);
    return new InferRequest(id, batch.build(), wanted, nullOnRowError);
  }

  private static void requireOne(Tensor tensor) {
    if (tensor.column().rows() != 1) {
      throw new InvalidInput(
          tensor.name(),
          "the input '%s' is %s, so it has 1 value, not %d"
              .formatted(
                  tensor.name(),
                  tensor.isContext() ? "of the context" : "a default",
                  tensor.column().rows()));
    }
  }

  private void markMissing(String name, String rows) {
    Tensor tensor = inputs.get(name);
    if (tensor != null) {
      MissingRows.mark(tensor, rows);
    } else if (!ignoresUnknown || rules.has(name)) {
      throw new InvalidInput(
          name,
          "the parameter '%s%s' is of no input".formatted(MISSING_ROWS_OF, Truncated.of(name)));
    }
  }
}
