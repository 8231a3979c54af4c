package org.pillion.scoring;

import java.util.ArrayList;
import java.util.List;

/**
 * The packed form of batches and results: little-endian bytes that cross into another language in
 * one call.
 *
 * <pre>
 * request  = int32 rows, int32 columns, column*
 * column   = int32 length, UTF-8 name, byte type, rows × byte missing (1 = missing), data
 * type     = 1 boolean, 2 integer, 3 float, 4 double, 5 string
 * data     = rows × (1, 8, 4, 8 bytes); strings: rows × (int32 length, UTF-8), length 0 if missing
 * response = request's layout for the outputs, int32 errors, error*
 * error    = int32 row, text field, text value, text message; text = int32 length, UTF-8
 * </pre>
 */
public final class BatchCodec {
  private BatchCodec() {}

  /**
   * Reads a batch.
   *
   * @throws InvalidInput when the bytes are not of this form or do not fit the contract
   */
  public static ColumnBatch read(byte[] packed, FeatureContract contract) {
    BatchDecoder in = new BatchDecoder(packed);
    int rows = in.count("the number of rows");
    int columns = in.count("the number of columns");
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    for (int i = 0; i < columns; i++) {
      String name = in.text("the name of column " + i);
      batch.add(name, in.column(name, rows));
    }
    in.end();
    return batch.build();
  }

  /** Writes a batch. */
  public static byte[] write(ColumnBatch batch) {
    BatchEncoder out = new BatchEncoder();
    out.int32(batch.rows());
    out.int32(batch.columns().size());
    for (int i = 0; i < batch.columns().size(); i++) {
      out.column(batch.contract().inputs().get(i).name(), batch.column(i));
    }
    return out.toBytes();
  }

  /** Writes a result; an unknown field or value of an error is written as empty text. */
  public static byte[] write(ScoreResult result) {
    BatchEncoder out = new BatchEncoder();
    out.int32(result.rows());
    out.int32(result.columns().size());
    for (int i = 0; i < result.columns().size(); i++) {
      out.column(result.fields().get(i).name(), result.columns().get(i));
    }
    out.int32(result.errors().size());
    for (RowError error : result.errors()) {
      out.int32(error.row());
      out.text(error.field() == null ? "" : error.field());
      out.text(error.value() == null ? "" : error.value());
      out.text(error.message());
    }
    return out.toBytes();
  }

  /**
   * Reads a result.
   *
   * @param fields the output fields of the contract it was written for
   * @throws InvalidInput when the bytes are not of this form or have other columns
   */
  public static ScoreResult readResult(byte[] packed, List<OutputField> fields) {
    BatchDecoder in = new BatchDecoder(packed);
    int rows = in.count("the number of rows");
    int count = in.count("the number of columns");
    if (count != fields.size()) {
      throw new InvalidInput(
          "packed result: " + count + " columns, but " + fields.size() + " were expected");
    }
    List<Column> columns = new ArrayList<>();
    for (OutputField field : fields) {
      String name = in.text("the name of an output");
      if (!name.equals(field.name())) {
        throw new InvalidInput(
            name, "packed result: output '" + name + "' where '" + field.name() + "' was expected");
      }
      columns.add(in.column(name, rows));
    }
    int errors = in.count("the number of errors");
    List<RowError> rowErrors = new ArrayList<>();
    for (int i = 0; i < errors; i++) {
      int row = in.int32("the row of an error");
      String field = emptyToNull(in.text("the field of an error"));
      String value = emptyToNull(in.text("the value of an error"));
      rowErrors.add(new RowError(row, field, value, in.text("the message of an error")));
    }
    in.end();
    return new ScoreResult(rows, fields, columns, rowErrors);
  }

  private static String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
