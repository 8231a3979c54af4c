package org.pillion.scoring;

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
}
