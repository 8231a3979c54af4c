package org.pillion.server.openscoring;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.http.MeteredOutput;
import org.pillion.server.text.Truncated;

/**
 * A table of the Openscoring dialect: CSV whose first record names the inputs. Its delimiter is the
 * caller's, or the one by which the header names most inputs.
 */
final class OpenscoringTable {
  /** Names the inputs that no column gave, the first {@value #MOST_NAMES}, as a JSON array. */
  static final String MISSING_INPUTS = "X-Missing-Inputs";

  private static final List<Character> DELIMITERS = List.of(',', ';', '\t', '|');
  private static final Set<String> MISSING_CELLS = Set.of("", "NA", "N/A");
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int MOST_NAMES = 20;

  /** A place in a list that grows. */
  private static final int ID_BYTES = 12;

  private final byte[] body;
  private final MemoryBudget memory;
  private final List<InputField> fields;
  private final Map<String, Integer> inputs;
  private final CSVFormat format;
  private final int width;

  /** Per input its column, or -1. */
  private final int[] columns;

  private final int idColumn;
  private final List<String> ids = new ArrayList<>();
  private ColumnBatch batch;

  private OpenscoringTable(
      FeatureContract contract, byte[] body, String delimiter, String quote, MemoryBudget memory) {
    this.body = body;
    this.memory = memory;
    this.fields = contract.inputs();
    this.inputs = contract.inputPositions();
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
    List<String> header = header();
    width = header.size();
    columns = columns(header);
    idColumn =
        IntStream.range(0, width)
            .filter(i -> header.get(i).equalsIgnoreCase("id"))
            .findFirst()
            .orElse(-1);
  }

  /**
   * Reads a table.
   *
   * @param delimiter the caller's, {@code \t} for a tab, or null or empty to find it out
   * @param quote the caller's, or null or empty for the usual one
   * @param rows takes the rows
   * @param memory is asked for each record while it is read, and for what is kept of it
   * @throws InvalidInput when no column is an input of the model, or the text is no table, or
   *     naming row, field and value
   */
  static OpenscoringTable read(
      FeatureContract contract,
      byte[] body,
      String delimiter,
      String quote,
      OpenscoringRows rows,
      MemoryBudget memory) {
    OpenscoringTable table = new OpenscoringTable(contract, body, delimiter, quote, memory);
    table.read(rows);
    return table;
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

  /** The text from its beginning, decoded as it is read. */
  private MeteredReader text() {
    int mark = BYTE_ORDER_MARK.length;
    boolean marked = body.length >= mark && Arrays.equals(body, 0, mark, BYTE_ORDER_MARK, 0, mark);
    int start = marked ? mark : 0;
    CharsetDecoder strict =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    InputStream bytes = new ByteArrayInputStream(body, start, body.length - start);
    return new MeteredReader(new InputStreamReader(bytes, strict), memory);
  }

  private static CSVParser parser(MeteredReader text, CSVFormat format) throws IOException {
    char delimiter = format.getDelimiterString().charAt(0);
    Reader strict = new StrictQuotes(text, delimiter, format.getQuoteCharacter());
    return CSVParser.builder().setReader(strict).setFormat(format).get();
  }

  /** How many of a header's names are inputs; -1 where there is none by this format. */
  private long known(CSVFormat tried) {
    try {
      return names(tried).stream().filter(inputs::containsKey).count();
    } catch (IOException | UncheckedIOException | InvalidInput e) {
      return -1;
    }
  }

  /** The names of the columns, without the spaces around them. */
  private List<String> names(CSVFormat tried) throws IOException {
    MeteredReader text = text();
    try (CSVParser records = parser(text, tried)) {
      Iterator<CSVRecord> first = records.iterator();
      return first.hasNext() ? first.next().stream().map(String::strip).toList() : List.of();
    } finally {
      text.endRecord();
    }
  }

  private List<String> header() {
    List<String> names;
    try {
      names = names(format);
    } catch (IOException | UncheckedIOException e) {
      throw invalid(e);
    }
    if (names.isEmpty()) {
      throw new InvalidInput("the table has no header");
    }
    return names;
  }

  private int[] columns(List<String> header) {
    int[] found = new int[fields.size()];
    Arrays.fill(found, -1);
    for (int column = 0; column < header.size(); column++) {
      Integer input = inputs.get(header.get(column));
      if (input != null && found[input] >= 0) {
        String name = header.get(column);
        throw new InvalidInput(name, "the table has two columns '" + name + "'");
      }
      if (input != null) {
        found[input] = column;
      }
    }
    if (found.length > 0 && Arrays.stream(found).allMatch(column -> column < 0)) {
      throw new InvalidInput(
          "no column of the table is an input of the model; its header is "
              + Truncated.of(String.join(", ", header.subList(0, Math.min(width, MOST_NAMES)))));
    }
    return found;
  }

  /** Whatever else the parser would not read, the reader of quotes has refused before it. */
  private static InvalidInput invalid(Exception e) {
    for (Throwable reason = e; reason != null; reason = reason.getCause()) {
      if (reason instanceof CharacterCodingException) {
        return new InvalidInput("the table is not UTF-8");
      }
    }
    throw new IllegalStateException("a table in memory could not be read", e);
  }

  private void read(OpenscoringRows rows) {
    MeteredReader text = text();
    try (CSVParser records = parser(text, format)) {
      for (CSVRecord cells : records) {
        if (cells.getRecordNumber() > 1) {
          requireWidth(cells, records.getCurrentLineNumber());
          add(cells, rows);
        }
        text.endRecord();
      }
    } catch (IOException | UncheckedIOException e) {
      throw invalid(e);
    }
    batch = rows.batch();
  }

  private void requireWidth(CSVRecord cells, long line) {
    if (cells.size() != width) {
      throw new InvalidInput(
          "line %d of the table: the row that ends here has %d cells, but the header has %d"
              .formatted(line, cells.size(), width));
    }
  }

  private void add(CSVRecord cells, OpenscoringRows rows) {
    for (int input = 0; input < columns.length; input++) {
      if (columns[input] >= 0) {
        String cell = cells.get(columns[input]);
        rows.add(input, MISSING_CELLS.contains(cell) ? null : cell);
      }
    }
    if (idColumn >= 0) {
      String id = cells.get(idColumn);
      memory.take(ID_BYTES);
      memory.take(id);
      ids.add(id);
    }
    rows.endRow();
  }

  /** The rows. */
  ColumnBatch batch() {
    return batch;
  }

  /**
   * The table of the results, with the ids that were given.
   *
   * @param answer is asked before it grows
   */
  HttpResponse answer(ScoreResult result, MemoryBudget answer) {
    if (!result.errors().isEmpty()) {
      throw new InvalidInput(
          "row " + result.errors().get(0).row() + ": " + result.errors().get(0).message());
    }
    MeteredOutput out = new MeteredOutput(answer);
    Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    try (CSVPrinter printer = format.print(text)) {
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
    return new HttpResponse(200, "text/plain; charset=utf-8", out.toByteArray(), missingInputs());
  }

  private Map<String, String> missingInputs() {
    List<String> missing =
        IntStream.range(0, columns.length)
            .filter(input -> columns[input] < 0)
            .mapToObj(input -> fields.get(input).name())
            .toList();
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
