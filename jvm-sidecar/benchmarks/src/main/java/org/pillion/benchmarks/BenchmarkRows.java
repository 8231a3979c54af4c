package org.pillion.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;

/** The rows that every benchmark scores, as a host has them: one map of boxed values a row. */
final class BenchmarkRows {
  private BenchmarkRows() {}

  /** The first rows of a table of tab-separated values with a line of names. */
  static List<Map<String, Object>> read(Path table, int count, FeatureContract contract)
      throws IOException {
    List<String> lines = Files.readAllLines(table);
    String[] names = lines.get(0).split("\t");
    List<Map<String, Object>> rows = new ArrayList<>(count);
    for (String line : lines.subList(1, count + 1)) {
      String[] cells = line.split("\t");
      Map<String, Object> row = new LinkedHashMap<>();
      for (InputField field : contract.inputs()) {
        String cell = cells[List.of(names).indexOf(field.name())];
        row.put(field.name(), boxed(field, cell));
      }
      rows.add(row);
    }
    return rows;
  }

  private static Object boxed(InputField field, String cell) {
    return switch (field.type()) {
      case STRING -> cell;
      case INTEGER -> Long.valueOf(cell);
      case FLOAT -> Float.valueOf(cell);
      case DOUBLE -> Double.valueOf(cell);
      case BOOLEAN -> Boolean.valueOf(cell);
    };
  }

  /** The encoding of inputs: rows of maps as columns. */
  static ColumnBatch batch(FeatureContract contract, List<Map<String, Object>> rows) {
    Map<String, Column> columns = new LinkedHashMap<>();
    for (InputField field : contract.inputs()) {
      ColumnBuilder builder = new ColumnBuilder(field.name(), field.type(), rows.size());
      for (Map<String, Object> row : rows) {
        builder.addBoxed(row.get(field.name()));
      }
      columns.put(field.name(), builder.build());
    }
    return ColumnBatch.of(contract, rows.size(), columns);
  }
}
