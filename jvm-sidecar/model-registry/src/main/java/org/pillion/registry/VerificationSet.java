package org.pillion.registry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;

/**
 * Rows with the outputs that the training system computed for them.
 *
 * <p>An output that any row expects is verified in every row, and is missing in the rows that leave
 * it out; an output that no row expects is not verified.
 *
 * @param batch the inputs
 * @param expected per row the expected outputs by name, as JSON values; null where the training
 *     system refused the row
 * @param outputs names of the verified outputs
 */
record VerificationSet(ColumnBatch batch, List<Map<?, ?>> expected, Set<String> outputs) {
  /**
   * Reads a set.
   *
   * @param optional outputs that are not verified where the contract has not got them
   */
  static VerificationSet read(byte[] jsonLines, FeatureContract contract, Set<String> optional)
      throws VersionRefused {
    List<Map<?, ?>> inputs = new ArrayList<>();
    List<Map<?, ?>> expected = new ArrayList<>();
    String[] lines = new String(jsonLines, StandardCharsets.UTF_8).split("\n");
    for (int i = 0; i < lines.length; i++) {
      if (!lines[i].isBlank()) {
        String where = "line " + (i + 1) + " of " + VersionFolder.VERIFICATION;
        byte[] line = lines[i].getBytes(StandardCharsets.UTF_8);
        Map<String, Object> row = JsonTree.object(line, where);
        inputs.add(member(row, "input", where));
        Map<?, ?> outcome = member(row, "expected", where);
        expected.add(Boolean.TRUE.equals(outcome.get("error")) ? null : outcome);
      }
    }
    if (inputs.isEmpty()) {
      throw new VersionRefused(VersionFolder.VERIFICATION + " has no rows");
    }
    return new VerificationSet(
        batch(inputs, contract), expected, outputs(expected, contract.outputs(), optional));
  }

  int rows() {
    return batch.rows();
  }

  /** The first row with outputs, or the first of all where every row was refused. */
  ColumnBatch sample() {
    int[] row = {(int) expected.stream().takeWhile(Objects::isNull).count() % rows()};
    ColumnBatch.Builder sample = ColumnBatch.builder(batch.contract(), 1);
    for (int i = 0; i < batch.columns().size(); i++) {
      sample.add(batch.contract().inputs().get(i).name(), batch.column(i).take(row));
    }
    return sample.build();
  }

  private static ColumnBatch batch(List<Map<?, ?>> rows, FeatureContract contract)
      throws VersionRefused {
    Set<String> known = contract.inputPositions().keySet();
    for (int row = 0; row < rows.size(); row++) {
      for (Object name : rows.get(row).keySet()) {
        if (!known.contains(name)) {
          throw new VersionRefused(
              "verification row " + row + " has the field '" + name + "', which is not an input");
        }
      }
    }
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows.size());
    for (InputField input : contract.inputs()) {
      ColumnBuilder column = new ColumnBuilder(input.name(), input.type(), rows.size());
      for (int row = 0; row < rows.size(); row++) {
        String where = "verification row " + row + ", input '" + input.name() + "'";
        column.addBoxed(TypedJson.value(rows.get(row).get(input.name()), input.type(), where));
      }
      batch.add(input.name(), column.build());
    }
    return batch.build();
  }

  private static Set<String> outputs(
      List<Map<?, ?>> expected, List<OutputField> fields, Set<String> optional)
      throws VersionRefused {
    Set<String> known = new LinkedHashSet<>(fields.stream().map(OutputField::name).toList());
    Set<String> verified = new LinkedHashSet<>();
    for (int row = 0; row < expected.size(); row++) {
      Map<?, ?> outcome = expected.get(row) == null ? Map.of() : expected.get(row);
      for (Object name : outcome.keySet()) {
        if (!known.contains(name) && optional.contains(name)) {
          continue;
        }
        if (!known.contains(name)) {
          throw new VersionRefused(
              "verification row " + row + " expects '" + name + "', which is not an output");
        }
        verified.add((String) name);
      }
    }
    if (verified.isEmpty() && expected.stream().anyMatch(outcome -> outcome != null)) {
      throw new VersionRefused(VersionFolder.VERIFICATION + " expects no output");
    }
    return verified;
  }

  private static Map<?, ?> member(Map<?, ?> row, String key, String where) throws VersionRefused {
    if (row.get(key) instanceof Map<?, ?> object) {
      return object;
    }
    throw new VersionRefused(where + " has no object '" + key + "'");
  }
}
