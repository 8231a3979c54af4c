package org.pillion.server.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OutputField;
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

  /** Those that a table has; null where inputs tell how many there are. */
  private TableCandidates candidates;

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
  CandidateNames candidates(
      TableItems items, NamedItems named, Column described, Deadline deadline) {
    candidates = new TableCandidates(rules, inputs, defaults, items);
    return candidates.take(named, described, deadline);
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
        candidates != null
            ? candidates.count()
            : inputs.values().stream()
                .filter(tensor -> !tensor.isContext())
                .mapToInt(tensor -> tensor.column().rows())
                .findFirst()
                .orElse(1);
    missingRows.forEach(this::markMissing);
    CandidateBatch.Builder batch = CandidateBatch.builder(contract, rows);
    for (Tensor tensor : inputs.values()) {
      if (tensor.isContext()) {
        tensor.requireOne();
        batch.context(tensor.name(), tensor.column());
      } else {
        batch.candidates(tensor.name(), tensor.column());
      }
    }
    List<Integer> wanted =
        outputs.isEmpty()
            ? IntStream.range(0, contract.outputs().size()).boxed().toList()
            : List.copyOf(outputs);
    if (candidates != null) {
      candidates.addTo(batch);
    }
    return new InferRequest(id, batch.build(), wanted, nullOnRowError);
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
