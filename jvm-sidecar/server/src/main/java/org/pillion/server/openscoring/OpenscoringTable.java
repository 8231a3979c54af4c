package org.pillion.server.openscoring;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.text.Truncated;
import org.pillion.server.text.Utf8;

/**
 * A table of the Openscoring dialect: CSV whose first record names the inputs. Its delimiter is the
 * caller's, or the one by which the header names most inputs.
 */
final class OpenscoringTable {
  /** Names the inputs that no column gave, the first {@value #MOST_NAMES}, as a JSON array. */
  static final String MISSING_INPUTS = "X-Missing-Inputs";

  private static final List<Character> DELIMITERS = List.of(',', ';', '\t', '|');
  private static final Set<String> MISSING_CELLS = Set.of("", "NA", "N/A");
  private static final char BYTE_ORDER_MARK = '\ufeff';
  private static final int MOST_NAMES = 20;

  private final FeatureContract contract;
  private final Set<String> inputs;
  private final int maxRows;
  private final String text;
  private final CSVFormat format;
  private final List<String> header;
  private final int idColumn;
  private final List<String> ids = new ArrayList<>();

  /**
   * A table whose header was read.
   *
   * @param delimiter the caller's, {@code \t} for a tab, or null or empty to find it out
   * @param quote the caller's, or null or empty for the usual one
   * @throws InvalidInput when no column is an input of the model, or the text is no table
   */
  OpenscoringTable(
      FeatureContract contract, byte[] body, String delimiter, String quote, int maxRows) {
    this.contract = contract;
    this.inputs =
        contract.inputs().stream()
            .map(InputField::name)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    this.maxRows = maxRows;
    String decoded = Utf8.text(body, 0, body.length);
    if (decoded == null) {
      throw new InvalidInput("the table is not UTF-8");
    }
    boolean marked = !decoded.isEmpty() && decoded.charAt(0) == BYTE_ORDER_MARK;
    text = marked ? decoded.substring(1) : decoded;
    char quoteChar = character("quoteChar", quote, '"');
    if (delimiter != null && !delimiter.isEmpty()) {
      format = format(character("delimiterChar", delimiter, ','), quoteChar);
    } else {
      // The first of those by which the header names most inputs.
      format =
          DELIMITERS.stream()
              .map(candidate -> format(candidate, quoteChar))
              .reduce((best, next) -> known(next) > known(best) ? next : best)
              .orElseThrow();
    }
    header = requireHeader();
    idColumn =
        IntStream.range(0, header.size())
            .filter(i -> header.get(i).equalsIgnoreCase("id"))
            .findFirst()
            .orElse(-1);
  }

  private static char character(String parameter, String given, char otherwise) {
    if (given == null || given.isEmpty()) {
      return otherwise;
    }
    if (given.equals("\\t")) {
      return '\t';
    }
    if (given.length() > 1) {
      throw new InvalidInput(
          "%s is one character, not '%s'".formatted(parameter, Truncated.of(given)));
    }
    return given.charAt(0);
  }

  private static CSVFormat format(char delimiter, char quote) {
    try {
      return CSVFormat.DEFAULT
          .builder()
          .setDelimiter(delimiter)
          .setQuote(quote)
          .setIgnoreEmptyLines(true)
          .setRecordSeparator('\n')
          .get();
    } catch (IllegalArgumentException e) {
      throw new InvalidInput("these cannot be delimiterChar and quoteChar: " + e.getMessage());
    }
  }

  /** How many of a header's names are inputs; -1 where there is none by this format. */
  private long known(CSVFormat tried) {
    try {
      return names(tried).stream().filter(inputs::contains).count();
    } catch (IOException | UncheckedIOException e) {
      return -1;
    }
  }

  /** The names of the columns, without the spaces around them. */
  private List<String> names(CSVFormat tried) throws IOException {
    try (CSVParser records = CSVParser.parse(text, tried)) {
      Iterator<CSVRecord> first = records.iterator();
      return first.hasNext() ? first.next().stream().map(String::strip).toList() : List.of();
    }
  }

  private List<String> requireHeader() {
    List<String> names;
    try {
      names = names(format);
    } catch (IOException | UncheckedIOException e) {
      throw invalid();
    }
    if (names.isEmpty()) {
      throw new InvalidInput("the table has no header");
    }
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (inputs.contains(name) && !seen.add(name)) {
        throw new InvalidInput(name, "the table has two columns '" + name + "'");
      }
    }
    if (seen.isEmpty() && !inputs.isEmpty()) {
      throw new InvalidInput(
          "no column of the table is an input of the model; its header is "
              + Truncated.of(String.join(", ", names)));
    }
    return names;
  }

  private static InvalidInput invalid() {
    return new InvalidInput("the table is not valid CSV: a quoted cell does not end as it must");
  }

  /**
   * The rows.
   *
   * @throws InvalidInput naming row, field and value
   */
  ColumnBatch batch() {
    List<InputField> fields = contract.inputs();
    int[] columns = fields.stream().mapToInt(input -> header.indexOf(input.name())).toArray();
    List<ColumnBuilder> builders =
        fields.stream().map(input -> new ColumnBuilder(input.name(), input.type())).toList();
    int rows = 0;
    try (CSVParser records = CSVParser.parse(text, format)) {
      for (CSVRecord cells : records) {
        if (cells.getRecordNumber() > 1) {
          OpenscoringHandler.requireRoom(rows + 1, maxRows);
          requireWidth(cells, rows);
          for (int i = 0; i < columns.length; i++) {
            String cell = columns[i] < 0 ? "" : cells.get(columns[i]);
            builders
                .get(i)
                .addBoxed(
                    MISSING_CELLS.contains(cell)
                        ? null
                        : OpenscoringRows.converted(cell, fields.get(i), rows));
          }
          if (idColumn >= 0) {
            ids.add(cells.get(idColumn));
          }
          rows++;
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw invalid();
    }
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    for (int i = 0; i < columns.length; i++) {
      batch.add(fields.get(i).name(), builders.get(i).build());
    }
    return batch.build();
  }

  private void requireWidth(CSVRecord cells, int row) {
    if (cells.size() != header.size()) {
      throw new InvalidInput(
          "row %d of the table has %d cells, but the header has %d"
              .formatted(row, cells.size(), header.size()));
    }
  }

  /** The table of the results, with the ids that were given. */
  HttpResponse answer(ScoreResult result) {
    if (!result.errors().isEmpty()) {
      throw new InvalidInput(
          "row " + result.errors().get(0).row() + ": " + result.errors().get(0).message());
    }
    StringBuilder out = new StringBuilder();
    try (CSVPrinter printer = format.print(out)) {
      if (idColumn >= 0) {
        printer.print("Id");
      }
      printer.printRecord(result.fields().stream().map(OutputField::name));
      for (int row = 0; row < result.rows(); row++) {
        if (idColumn >= 0) {
          printer.print(ids.get(row));
        }
        for (Column column : result.columns()) {
          printer.print(column.isMissing(row) ? "" : column.value(row).toString());
        }
        printer.println();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return new HttpResponse(
        200,
        "text/plain; charset=utf-8",
        out.toString().getBytes(StandardCharsets.UTF_8),
        missingInputs());
  }

  private Map<String, String> missingInputs() {
    Set<String> given = new HashSet<>(header);
    List<String> missing = inputs.stream().filter(name -> !given.contains(name)).toList();
    if (missing.isEmpty()) {
      return Map.of();
    }
    byte[] names =
        JsonBody.write(
            json -> {
              json.enable(JsonWriteFeature.ESCAPE_NON_ASCII.mappedFeature());
              json.writeStartArray();
              for (String name : missing.subList(0, Math.min(missing.size(), MOST_NAMES))) {
                json.writeString(Truncated.of(name));
              }
              json.writeEndArray();
            });
    return Map.of(MISSING_INPUTS, new String(names, StandardCharsets.US_ASCII));
  }
}
